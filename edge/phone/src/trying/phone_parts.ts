/** What do tests of the phone have in common? A database of their own in memory, a key, a gateway that signs receipts, and clocks moved by hand. */

import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { expect, vi } from "vitest";
import type { Ticking } from "../clock";
import { Keeping, type Row } from "../keeping/database";
import { Outbox } from "../keeping/outbox";
import { follow } from "../recording";
import { encode } from "../wire/base64url";
import { golden } from "../wire/golden_doors";
import { type Signer, sign } from "../wire/jws";
import { gatewayVerifier, makeKey, signerOf } from "../wire/keys";

export const EIGHT = Date.parse("2026-04-07T08:00:00.000Z");
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const GATEWAY = await golden("the gateway");
export const STRANGER = await golden("the gateway of somebody else");

/** A phone whose memory is new. What is opened after that has the same memory: another page, or a later one. */
export function freshMemory(): void {
  globalThis.indexedDB = new IDBFactory();
}

export class HandClock implements Ticking {
  wallNow = EIGHT;
  upNow = 250;
  wall = (): number => this.wallNow;
  up = (): number => this.upNow;

  pass(ms: number): void {
    this.wallNow += ms;
    this.upNow += ms;
  }
}

/** An enrolled phone, as it stands in its database. */
export async function enrolledPhone(): Promise<{ keeping: Keeping; outbox: Outbox; signer: Signer }> {
  freshMemory();
  const keeping = new Keeping();
  const key = await makeKey();
  const signer = await signerOf(key);
  await keeping.set({
    key,
    enrolment: {
      device: signer.device,
      gateway_key: encode(GATEWAY.publicKey),
      broker: "mqtts://broker.example.org:8883",
      password: "a password",
      carer: "C-017",
      home: null,
      line: null,
    },
    brokers: ["wss://broker.example.org"],
    comparison: { byMs: 0, wall: EIGHT - HOUR },
  });
  return { keeping, outbox: new Outbox(keeping), signer };
}

/** Wait until something is so. */
export function until(so: () => unknown): Promise<void> {
  return vi.waitFor(async () => expect(await so()).toBe(true), { timeout: 15_000, interval: 5 });
}

/** Write so many taps, and give what was written. */
export async function tapped(outbox: Outbox, signer: Signer, many: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let each = 0; each < many; each++)
    rows.push(
      ...(await outbox.append(async (head) => {
        const reading = { now: EIGHT + head.seq * MINUTE, boot: crypto.randomUUID(), up_ms: 100, sync: "ntp", error_ms: 1000 } as const;
        const place = { via: "nfc", ref: `t-${head.seq + 1}` } as const;
        const made = await follow(
          head,
          [{ kind: "tap", reading, action: "start", place, carer: { via: "device", ref: "C-017" }, position: null }],
          signer,
        );
        return { rows: made, latest: reading.now, answer: made };
      })),
    );
  return rows;
}

/** Write so many clock records at once: a long history in a moment. */
export async function longHistory(outbox: Outbox, signer: Signer, many: number): Promise<readonly Row[]> {
  return await outbox.append(async (head) => {
    const reading = { now: EIGHT, boot: crypto.randomUUID(), up_ms: 100, sync: "ntp", error_ms: 1000 } as const;
    const rows = await follow(head, Array(many).fill({ kind: "clock", reading }), signer);
    return { rows, latest: reading.now, answer: rows };
  });
}

export interface ReceiptFields {
  readonly through: number;
  readonly digest: string | null;
  readonly also?: readonly (readonly [number, number])[];
  readonly quarantined?: readonly { readonly digest: string; readonly seq: number | null; readonly reason: string }[];
}

/** What the gateway writes. */
export function receiptOf(device: string, fields: ReceiptFields, by: Signer = GATEWAY): Promise<string> {
  return sign({ type: "calltime.receipt.v1", device, also: [], quarantined: [], ...fields }, by);
}

export const THE_GATEWAY = gatewayVerifier(GATEWAY.publicKey);
