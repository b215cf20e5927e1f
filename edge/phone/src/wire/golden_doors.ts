/** Who speaks in the golden messages? Keys made from sentences, as in tests/contract/golden_doors.py: for tests only, they stand for nobody. */

import { getPublicKeyAsync, signAsync } from "@noble/ed25519";
import type { Bytes } from "./base64url";
import { deviceId } from "./identity";
import type { Signer } from "./jws";

export async function golden(name: string): Promise<Signer> {
  const sentence = new TextEncoder().encode(`calltime, test only: ${name}`);
  const secret = new Uint8Array(await crypto.subtle.digest("SHA-256", sentence));
  const publicKey = new Uint8Array(await getPublicKeyAsync(secret));
  const sign = async (message: Bytes): Promise<Bytes> => new Uint8Array(await signAsync(message, secret));
  return { alg: "EdDSA", publicKey, device: await deviceId(publicKey), sign };
}
