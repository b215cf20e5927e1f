/** How is a message signed? As a JWS in compact serialisation (RFC 7515), with EdDSA (RFC 8037) or ES256 (RFC 7518). */

import { type Bytes, decode, encode } from "./base64url";
import { parse } from "./one_reading";
import { object, word } from "./shape";

export type Algorithm = "EdDSA" | "ES256";

/** A private key and its algorithm. `publicKey`: 32 bytes for EdDSA, the 65 of the uncompressed point for ES256. */
export interface Signer {
  readonly alg: Algorithm;
  readonly publicKey: Bytes;
  readonly device: string;
  sign(message: Bytes): Promise<Bytes>;
}

/** A public key and the one algorithm that it is pinned with. */
export interface Verifier {
  readonly alg: Algorithm;
  verify(message: Bytes, signature: Bytes): Promise<boolean>;
}

export interface Parts {
  readonly alg: Algorithm;
  readonly payload: string;
  readonly signingInput: string;
  readonly signature: Bytes;
}

/** Sign a payload and return the compact JWS. */
export async function sign(payload: unknown, signer: Signer): Promise<string> {
  const spelt = (value: unknown): string => encode(utf8(JSON.stringify(value)));
  const signingInput = `${spelt({ alg: signer.alg })}.${spelt(payload)}`;
  return `${signingInput}.${encode(await signer.sign(utf8(signingInput)))}`;
}

/** Take a compact JWS apart, or throw. Nothing is verified yet. */
export function split(compact: string): Parts {
  const [header, payload, signature, ...more] = compact.split(".");
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0)
    throw new Error("A compact JWS has three parts between dots.");
  try {
    return {
      alg: readHeader(parse(fromUtf8(decode(header)))).alg,
      payload: fromUtf8(decode(payload)),
      signingInput: `${header}.${payload}`,
      signature: decode(signature),
    };
  } catch (error) {
    throw new Error(`The JWS cannot be read: ${String(error)}.`, { cause: error });
  }
}

/** Verify: the pinned algorithm decides, never the one that the message names. */
export async function isSignedBy(parts: Parts, verifier: Verifier): Promise<boolean> {
  return parts.alg === verifier.alg && (await verifier.verify(utf8(parts.signingInput), parts.signature));
}

/** SHA-256 over the compact JWS, in base64url: the link of the chain. */
export async function digest(compact: string): Promise<string> {
  return encode(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(compact))));
}

/** Whatever else stands in a header (`crit`, `jwk`, `b64`, …) is refused: it would change what a signature means. */
const readHeader = object({ alg: word("EdDSA", "ES256") });

function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

function fromUtf8(data: Bytes): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
}
