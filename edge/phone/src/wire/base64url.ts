/** How do bytes travel in text? As unpadded base64url (RFC 7515 §2), in its one canonical spelling. */

export type Bytes = Uint8Array<ArrayBuffer>;

/** Spell bytes as unpadded base64url. */
export function encode(data: Bytes): string {
  let binary = "";
  for (const byte of data) binary += String.fromCharCode(byte);
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/**
 * Read unpadded base64url back. Throws for padding, foreign characters, and any spelling but the canonical one: two spellings of the same
 * signature would otherwise be two digests of the same record.
 */
export function decode(text: string): Bytes {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) throw new Error("not base64url");
  const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  const data = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  if (encode(data) !== text) throw new Error("not the canonical base64url of these bytes");
  return data;
}
