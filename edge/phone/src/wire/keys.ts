/** Who signs and who verifies? Keys of the browser (WebCrypto), Ed25519 where it has it and ES256 where not; verifying never fails for that. */

import type { Bytes } from "./base64url";
import { deviceId } from "./identity";
import type { Algorithm, Signer, Verifier } from "./jws";

/** What is kept of a key: the private half cannot be taken out of the browser. */
export interface KeyPair {
  readonly alg: Algorithm;
  readonly privateKey: CryptoKey;
  readonly publicKey: Bytes;
}

/** The number of points of P-256 (FIPS 186-4, D.1.2.3). */
const ORDER = 0xffffffff_00000000_ffffffff_ffffffff_bce6faad_a7179e84_f3b9cac2_fc632551n;

/** Make a key of this browser. Throws where it can do neither. */
export async function makeKey(): Promise<KeyPair> {
  try {
    return await make("EdDSA", { name: "Ed25519" });
  } catch {
    return await make("ES256", { name: "ECDSA", namedCurve: "P-256" });
  }
}

async function make(alg: Algorithm, how: AlgorithmIdentifier | EcKeyGenParams): Promise<KeyPair> {
  const pair = (await crypto.subtle.generateKey(how, false, ["sign", "verify"])) as CryptoKeyPair;
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return { alg, privateKey: pair.privateKey, publicKey };
}

/** Make a signer of a key. */
export async function signerOf({ alg, privateKey, publicKey }: KeyPair): Promise<Signer> {
  const how = alg === "EdDSA" ? { name: "Ed25519" } : { name: "ECDSA", hash: "SHA-256" };
  const sign = async (message: Bytes): Promise<Bytes> => {
    const signature = new Uint8Array(await crypto.subtle.sign(how, privateKey, message));
    return alg === "EdDSA" ? signature : withLowerS(signature);
  };
  return { alg, publicKey, device: await deviceId(publicKey), sign };
}

/** Of the two values of s that make a good signature only the lower is taken: anybody can turn one into the other without the key. */
export function withLowerS(signature: Bytes): Bytes {
  const s = signature.slice(32).reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
  if (s <= ORDER / 2n) return signature;
  const lower = (ORDER - s).toString(16).padStart(64, "0");
  const turned = signature.slice();
  for (let place = 0; place < 32; place++) turned[32 + place] = Number.parseInt(lower.slice(2 * place, 2 * place + 2), 16);
  return turned;
}

/** Verify what the gateway signed, by the browser, or by a library that is loaded where the browser lacks Ed25519. */
export function gatewayVerifier(publicKey: Bytes): Verifier {
  let byBrowser: Promise<CryptoKey> | undefined;
  const verify = async (message: Bytes, signature: Bytes): Promise<boolean> => {
    byBrowser ??= crypto.subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
    let key: CryptoKey;
    try {
      key = await byBrowser;
    } catch {
      const { verifyAsync } = await import("@noble/ed25519");
      return await verifyAsync(signature, message, publicKey, { zip215: false }).catch(() => false);
    }
    return await crypto.subtle.verify({ name: "Ed25519" }, key, signature, message);
  };
  return { alg: "EdDSA", verify };
}
