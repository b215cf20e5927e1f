/** What is a door called? By the fingerprint of its public key, so that an id can be checked against its key. */

import type { Bytes } from "./base64url";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** `d_` and the first 16 bytes of the key's SHA-256 in lower-case base32, unpadded. */
export async function deviceId(publicKey: Bytes): Promise<string> {
  const fingerprint = new Uint8Array(await crypto.subtle.digest("SHA-256", publicKey)).slice(0, 16);
  let id = "d_";
  let held = 0;
  let bits = 0;
  for (const byte of fingerprint) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) id += ALPHABET[(held >> (bits - 5)) & 31];
    held &= (1 << bits) - 1;
  }
  return id + ALPHABET[(held << (5 - bits)) & 31];
}
