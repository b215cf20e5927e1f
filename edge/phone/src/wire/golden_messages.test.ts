// Does the phone read and write the messages that decide the contract? The same files as the gateway's and the Pi's tests read.

import { describe, expect, test } from "vitest";
import { encode as base64url, decode as bytesOf } from "./base64url";
import { golden } from "./golden_doors";
import { deviceId } from "./identity";
import { digest, isSignedBy, type Signer, split, type Verifier } from "./jws";
import { gatewayVerifier } from "./keys";
import * as receipts from "./receipts";
import * as records from "./records";
import * as settings from "./settings";

interface Golden {
  readonly says: string;
  readonly payload: string;
  readonly payload_base64?: string;
  readonly device: string;
  readonly door: { readonly alg: string; readonly public_key: string };
  readonly gateway: { readonly public_key: string };
  readonly expect: { readonly record: records.Record; readonly digest: string; readonly receipt: unknown; readonly settings: unknown };
}

const FILES = import.meta.glob<Golden>("../../../../gateway/calltime_wire/examples/v1/**/{good,bad}/*.json", {
  eager: true,
  import: "default",
});

function folder(name: string): [string, Golden][] {
  const found = Object.entries(FILES).filter(([path]) => path.includes(`/v1/${name}/`));
  expect(found.length, `golden messages in ${name}`).toBeGreaterThan(2);
  return found.map(([path, message]) => [path.split("/").at(-1)?.replace(".json", "") ?? path, message]);
}

/** {"alg":"EdDSA"} */
const OUR_HEADER = "eyJhbGciOiJFZERTQSJ9.";
const gatewayOf = (message: Golden): Verifier => gatewayVerifier(bytesOf(message.gateway.public_key));
const SIGNERS: readonly Signer[] = [await golden("a carer's phone"), await golden("the reader in a hall")];

describe("records that a gateway takes", () => {
  test.each(folder("good"))("%s is read", async (_, message) => {
    const read = records.decode(split(message.payload));
    const lost = (message.expect.record.data as records.BootData).lost;

    // An empty list is an absent one.
    expect({ ...read, data: { ...read.data, ...(lost ? { lost } : { lost: undefined }) } }).toEqual({
      ...message.expect.record,
      data: { ...message.expect.record.data, ...(lost ? { lost } : { lost: undefined }) },
    });
    expect(await digest(message.payload)).toBe(message.expect.digest);
  });

  // The others are spelt as only other writers do, or signed with ES256, whose signatures differ each time.
  const ours = folder("good").flatMap(([name, message]) => {
    const payload = split(message.payload).payload;
    const signer = SIGNERS.find((each) => base64url(each.publicKey) === message.door.public_key);
    const spelt = JSON.stringify(JSON.parse(payload)) === payload && message.payload.startsWith(OUR_HEADER);
    return spelt && signer !== undefined ? [[name, message, payload, signer] as const] : [];
  });

  test.each(ours)("%s is written with the same bytes by the same key", async (_, message, payload, signer) => {
    expect(ours.length).toBeGreaterThan(15);
    expect(await records.encode(JSON.parse(payload) as records.Record, signer)).toBe(message.payload);
  });

  test("a door's id is the fingerprint of its key", async () => {
    for (const [, message] of folder("good")) {
      expect(message.expect.record.source).toBe(`/doors/${await deviceId(bytesOf(message.door.public_key))}`);
    }
  });
});

describe("receipts", () => {
  test.each(folder("receipts/good"))("%s is believed", async (_, message) => {
    expect(await receipts.decode(message.payload, message.device, gatewayOf(message))).toEqual(message.expect.receipt);
  });

  test.each(folder("receipts/bad"))("%s is not believed", async (_, message) => {
    await expect(receipts.decode(message.payload, message.device, gatewayOf(message))).rejects.toThrow(receipts.NotAReceipt);
  });
});

describe("settings", () => {
  test.each(folder("settings/good"))("%s are kept to", async (_, message) => {
    expect(await settings.decode(message.payload, message.device, gatewayOf(message))).toEqual(message.expect.settings);
  });

  test.each(folder("settings/bad"))("%s are not kept to", async (_, message) => {
    await expect(settings.decode(message.payload, message.device, gatewayOf(message))).rejects.toThrow(settings.NotSettings);
  });
});

test("where the browser lacks Ed25519, a library believes and refuses the same receipts", async () => {
  const whole = crypto.subtle.importKey;
  crypto.subtle.importKey = (() => Promise.reject(new DOMException("no Ed25519 here", "NotSupportedError"))) as typeof whole;
  try {
    for (const [, message] of folder("receipts/good")) {
      expect(await isSignedBy(split(message.payload), gatewayOf(message))).toBe(true);
    }
    const [, forged] = folder("receipts/bad").find(([name]) => name === "signed-by-another-gateway") ?? [];
    expect(forged && (await isSignedBy(split(forged.payload), gatewayOf(forged)))).toBe(false);
  } finally {
    crypto.subtle.importKey = whole;
  }
});
