/** How does something that happened become signed records of this door's chain? */

import { worthRecording } from "./anchoring";
import type { Reading } from "./clock";
import type { Row } from "./keeping/database";
import type { Head } from "./keeping/outbox";
import { digest, type Signer } from "./wire/jws";
import {
  type Action,
  type CarerSeen,
  type Clock,
  encode,
  milliseconds,
  type Place,
  type Position,
  type Record,
  uuid7,
} from "./wire/records";

/** What happened, before it has a number. */
export type Draft =
  | { readonly kind: "boot" | "clock"; readonly reading: Reading }
  | {
      readonly kind: "tap";
      readonly reading: Reading;
      readonly action: Action;
      readonly place: Place;
      readonly carer: CarerSeen;
      readonly position: Position | null;
    };

/** Sign what happened as the records that follow the head, in order. */
export async function follow(head: Head, drafts: readonly Draft[], signer: Signer): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let prev = head.digest;
  for (const draft of drafts) {
    const seq = head.seq + rows.length + 1;
    const jws = await encode(record(draft, seq, prev, signer.device), signer);
    prev = await digest(jws);
    const tap = draft.kind === "tap" ? { action: draft.action, via: draft.place.via, ref: draft.place.ref } : null;
    rows.push({ seq, digest: prev, jws, at: draft.reading.now, clock: clockOf(draft.reading), tap });
  }
  return rows;
}

/**
 * A tap, and before it the boot record where it is the first of its boot: to open the app and look costs no record. `reading`: the clock as
 * it is now. If the office was asked between the tap and now, the boot record tells what came of it, and the tap is placed by that.
 */
export function withBoot(head: Head, tap: Draft, reading: Reading): readonly Draft[] {
  const known = head.log.some((row) => row.clock.boot === tap.reading.boot);
  if (known) return [tap];
  const better = reading.boot === tap.reading.boot && worthRecording(tap.reading.sync === "none" ? null : tap.reading, reading);
  return [{ kind: "boot", reading: better ? reading : tap.reading }, tap];
}

/** The clock record, where earlier records of this boot gain by it. */
export function clockWorth(head: Head, reading: Reading): readonly Draft[] {
  const ofThisBoot = head.log.filter((row) => row.clock.boot === reading.boot);
  if (ofThisBoot.length === 0) return [];
  const tied = ofThisBoot.find((row) => row.tap === null && row.clock.sync !== "none");
  const anchor = tied ? { now: tied.at, ...tied.clock } : null;
  return worthRecording(anchor, reading) ? [{ kind: "clock", reading }] : [];
}

function record(draft: Draft, seq: number, prev: string | null, device: string): Record {
  const { reading } = draft;
  const envelope = {
    specversion: "1.0",
    id: uuid7(reading.now, crypto.getRandomValues(new Uint8Array(10))),
    source: `/doors/${device}`,
  } as const;
  const time = milliseconds(reading.now);
  const chained = { seq, prev, clock: clockOf(reading) };
  if (draft.kind !== "tap") return { ...envelope, type: `calltime.${draft.kind}.v1`, time, data: chained };
  const { action, place, carer, position } = draft;
  return { ...envelope, type: "calltime.tap.v1", time, data: { ...chained, action, place, carer, ...(position && { position }) } };
}

function clockOf({ boot, up_ms, sync, error_ms }: Reading): Clock {
  return { boot, up_ms, sync, error_ms };
}
