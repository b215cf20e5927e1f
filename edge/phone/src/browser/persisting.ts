/** May the browser throw away what is kept? It is asked not to; some ask the carer, some decide by themselves, some know no such promise. */

/** Whether it has promised. */
export async function isPersisted(): Promise<boolean> {
  return (await globalThis.navigator?.storage?.persisted?.().catch(() => false)) ?? false;
}

/** Ask it to promise. */
export async function askPersist(): Promise<void> {
  await globalThis.navigator?.storage?.persist?.().catch(() => false);
}
