/** Whose turn is it to send? One page or service worker at a time, however many are open: the browser's locks decide, and free themselves. */

const TURN = "calltime publisher";

/** Wait for the turn, and work. Without locks everybody works: records that come twice count once. Does nothing after the signal. */
export async function inTurn(locks: LockManager | undefined, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  if (signal.aborted) return;
  if (locks === undefined) return await work();
  try {
    await locks.request(TURN, { signal }, work);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Work if it is nobody else's turn; say whether it was ours. */
export async function ifFree(locks: LockManager | undefined, work: () => Promise<void>): Promise<boolean> {
  if (locks === undefined) {
    await work();
    return true;
  }
  return await locks.request(TURN, { ifAvailable: true }, async (lock) => {
    if (lock === null) return false;
    await work();
    return true;
  });
}
