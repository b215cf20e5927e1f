/** How does a door introduce itself? It answers a one-time code with its public key, signed by that key. */

import { encode as base64url, decode as fromBase64url } from "./base64url";
import { type Signer, sign } from "./jws";
import { device, object, orNull, pattern, reference, text } from "./shape";

/** Write a door's request: signed by the very key that it brings, which proves that the door holds the private half. */
export function encode(code: string, signer: Signer): Promise<string> {
  const { alg, publicKey } = signer;
  return sign({ type: "calltime.enrolment.v1", code, alg, public_key: base64url(publicKey) }, signer);
}

const none = { password: null, carer: null, home: null, line: null };

const readAnswer = object(
  {
    device,
    gateway_key: text,
    broker: text,
    password: orNull(pattern(/^.+$/s, 128, "a password")),
    carer: orNull(reference),
    home: orNull(reference),
    line: orNull(reference),
  },
  { usual: none, also: true },
);

/** Server → door: for which carer's pocket it is, the gateway's key to pin, and where the brokers are. */
export type Answer = ReturnType<typeof readAnswer>;

/** Read the server's answer. Throws when it is not one, or its gateway key is no Ed25519 key. */
export function decode(answer: unknown): Answer {
  const read = readAnswer(answer);
  if (fromBase64url(read.gateway_key).length !== 32) throw new Error("the gateway's key is no Ed25519 key");
  return read;
}
