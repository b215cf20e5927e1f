import { expect, test } from "vitest";
import { decode, encode } from "./base64url";
import { isSignedBy, type Signer, sign, split, type Verifier } from "./jws";
import { gatewayVerifier, makeKey, signerOf, withLowerS } from "./keys";
import { parse } from "./one_reading";
import { uuid7 } from "./records";

test("the key of a browser signs, and cannot be taken out of it", async () => {
  const key = await makeKey();
  const signer = await signerOf(key);
  const parts = split(await sign({ says: "ŵ" }, signer));

  expect(signer.alg).toBe("EdDSA");
  expect(parts.payload).toBe('{"says":"ŵ"}');
  expect(await isSignedBy(parts, gatewayVerifier(key.publicKey))).toBe(true);
  await expect(crypto.subtle.exportKey("pkcs8", key.privateKey)).rejects.toThrow();
});

test("a browser without Ed25519 gets an ES256 key, and each signature has the lower s", async () => {
  const signer = await signerWithoutEd25519();
  expect(signer.alg).toBe("ES256");
  expect(signer.publicKey).toHaveLength(65);
  expect(signer.device).toMatch(/^d_[a-z2-7]{26}$/);

  const point = await crypto.subtle.importKey("raw", signer.publicKey, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  const verifier: Verifier = {
    alg: "ES256",
    verify: (message, signature) => crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, point, signature, message),
  };
  for (let time = 0; time < 20; time++) {
    const parts = split(await sign({ time }, signer));
    expect(parts.signature[32]).toBeLessThan(0x80); // half of the order begins with 7f
    expect(withLowerS(parts.signature)).toBe(parts.signature);
    expect(await isSignedBy(parts, verifier)).toBe(true);
  }
});

async function signerWithoutEd25519(): Promise<Signer> {
  const whole = crypto.subtle.generateKey;
  crypto.subtle.generateKey = ((how: Algorithm, ...rest: [boolean, KeyUsage[]]) =>
    how.name === "Ed25519"
      ? Promise.reject(new DOMException("no Ed25519 here", "NotSupportedError"))
      : whole.call(crypto.subtle, how, ...rest)) as typeof whole;
  try {
    return await signerOf(await makeKey());
  } finally {
    crypto.subtle.generateKey = whole;
  }
}

test("base64url has one spelling", () => {
  expect(encode(decode("AQID-_8"))).toBe("AQID-_8");
  for (const bad of ["AQI=", "AQ==", "A", "AR", "AQI+", "AQ ", "AQ\n"]) expect(() => decode(bad), bad).toThrow();
});

test("a field that stands twice is refused, however it is spelt", () => {
  expect(parse('{"a":{"b":1}, "c":[{"b":1},{"b":2}]}')).toEqual({ a: { b: 1 }, c: [{ b: 1 }, { b: 2 }] });
  expect(parse('{"a": "a\\":", "b": "{"}')).toEqual({ a: 'a":', b: "{" });
  expect(() => parse('{"a":1,"a":2}')).toThrow("stands twice");
  expect(() => parse('{"x":{"a":1,"\\u0061" : 2}}')).toThrow("stands twice");
});

test("a UUID of version 7 holds the time in front", () => {
  expect(uuid7(Date.parse("2026-04-07T08:00:12.000Z"), new Uint8Array(10))).toBe("019d66f4-cae0-7000-8000-000000000000");
  expect(uuid7(Date.parse("2026-04-07T08:00:12.000Z"), new Uint8Array(10).fill(255))).toBe("019d66f4-cae0-7fff-bfff-ffffffffffff");
});
