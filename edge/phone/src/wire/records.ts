/** What stands in a record? CloudEvents 1.0 with three kinds of data: a boot, a clock that was set, a tap. */

import { type Parts, type Signer, sign } from "./jws";
import { parse } from "./one_reading";

export type Action = "start" | "stop" | "waiting";
export type Sync = "ntp" | "gnss" | "rtc" | "none";

/** How the door knew the time: id of this boot, milliseconds since then, what set the clock, and its error in milliseconds. */
export interface Clock {
  readonly boot: string;
  readonly up_ms: number;
  readonly sync: Sync;
  readonly error_ms: number;
}

/** Where: the tag, or `away`, with the service user; the others are not a phone's. `proof` is the tag's dynamic message, untouched. */
export interface Place {
  readonly via: "nfc" | "qr" | "reader" | "away" | "line";
  readonly ref: string;
  readonly proof?: string;
}

export interface CarerSeen {
  readonly via: "badge" | "device" | "pin";
  readonly ref: string;
}

export interface Position {
  readonly lat: number;
  readonly lon: number;
  readonly accuracy_m: number;
}

interface Chained {
  readonly seq: number;
  readonly prev: string | null;
  readonly clock: Clock;
}

export interface BootData extends Chained {
  readonly lost?: readonly (readonly [number, number])[];
}

export interface TapData extends Chained {
  readonly action: Action;
  readonly place: Place;
  readonly carer: CarerSeen;
  readonly position?: Position;
}

interface Envelope<T extends string, D> {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: T;
  readonly time: string;
  readonly data: D;
}

export type Boot = Envelope<"calltime.boot.v1", BootData>;
export type ClockSet = Envelope<"calltime.clock.v1", Chained>;
export type Tap = Envelope<"calltime.tap.v1", TapData>;
export type Record = Boot | ClockSet | Tap;

/** Sign a record and return the compact JWS that is kept, sent, stored and shown as evidence. */
export function encode(record: Record, signer: Signer): Promise<string> {
  return sign(record, signer);
}

/**
 * Read what a record of this door says; only the gateway judges records. Throws when it is not legible.
 * An optional field that was null is left out.
 */
export function decode(parts: Parts): Record {
  const record = parse(parts.payload) as Record;
  if (record.type !== "calltime.tap.v1") return record;
  const { position, ...data } = record.data;
  const { proof, ...place } = data.place;
  const read = { ...data, place: proof == null ? place : { ...place, proof } };
  return { ...record, data: position == null ? read : { ...read, position } };
}

/** Write a moment as records do: UTC, RFC 3339, milliseconds. */
export function milliseconds(at: number): string {
  return new Date(at).toISOString();
}

/** Write a UUID of version 7 (RFC 9562 §5.7): milliseconds since 1970 in front, ten random bytes behind. */
export function uuid7(at: number, random: Uint8Array): string {
  const bytes = [...Array(6).keys()].map((place) => Math.floor(Math.max(0, at) / 2 ** (8 * (5 - place))) % 256);
  const all = Uint8Array.from([...bytes, ...random.slice(0, 10)]);
  all[6] = 0x70 | ((all[6] ?? 0) & 0x0f);
  all[8] = 0x80 | ((all[8] ?? 0) & 0x3f);
  const hex = Array.from(all, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
