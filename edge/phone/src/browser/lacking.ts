/** What does this browser lack that the phone cannot do without? Said in one sentence, and nothing half works. */

const PARTS: readonly (readonly [string, () => boolean])[] = [
  ["a secure connection (https)", () => globalThis.isSecureContext],
  ["WebCrypto", () => globalThis.crypto?.subtle !== undefined],
  ["IndexedDB", () => globalThis.indexedDB !== undefined],
  ["WebSocket", () => globalThis.WebSocket !== undefined],
  ["crypto.randomUUID", () => typeof globalThis.crypto?.randomUUID === "function"],
];

/** Name what is missing; null: nothing. */
export function lacking(): string | null {
  const missing = PARTS.filter(([, there]) => !there()).map(([name]) => name);
  if (missing.length === 0) return null;
  return `This browser lacks ${missing.join(", ")}. Update it, or open the page in the phone's newest browser.`;
}
