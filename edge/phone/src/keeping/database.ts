/** Where does the phone keep what must not be lost? In IndexedDB, written with strict durability. The one file that imports idb. */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Comparison } from "../clock";
import type { Answer } from "../wire/enrolment";
import type { KeyPair } from "../wire/keys";
import type { Action, Clock, Place } from "../wire/records";
import type { DoorSettings } from "../wire/settings";
import type { Settled } from "./ranges";

/** A record of this door's chain, and what of it is asked for often. `tap`: null for a boot and for a clock that was set. */
export interface Row {
  readonly seq: number;
  readonly digest: string;
  readonly jws: string;
  readonly at: number;
  readonly clock: Clock;
  readonly tap: { readonly action: Action; readonly via: Place["via"]; readonly ref: string } | null;
}

/** What there is one of. */
export interface Kept {
  readonly key: KeyPair;
  readonly enrolment: Answer;
  readonly settled: Settled;
  /** The office holds other records under this key; since when. */
  readonly fork: number;
  /** The office has revoked this door; since when. */
  readonly revoked: number;
  readonly comparison: Comparison;
  /** The latest that the wall clock has shown. */
  readonly latest: number;
  readonly settings: DoorSettings;
  /** What the office answered last, as it came, and when. */
  readonly mine: { readonly asOf: number; readonly answer: unknown };
  readonly brokers: readonly string[];
}

interface Schema extends DBSchema {
  record: { key: number; value: Row };
  kept: { key: keyof Kept; value: Kept[keyof Kept] };
}

export type Database = IDBPDatabase<Schema>;

/** Another write cannot be kept; what is here is safe. */
export class NoRoom extends Error {}
/** The browser does not let us keep anything, or not any more. */
export class Broken extends Error {}

/** The database, opened when it is needed, and once more when the browser has closed it: some do after a while in the background. */
export class Keeping {
  #opened: Promise<Database> | null = null;

  /** Open it, or give what is open. Throws Broken. */
  open(): Promise<Database> {
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = null;
      throw new Broken(`This browser lets us keep nothing: ${String(error)}`, { cause: error });
    });
    return this.#opened;
  }

  async #open(): Promise<Database> {
    return await openDB<Schema>("calltime", 1, {
      upgrade(db) {
        db.createObjectStore("record", { keyPath: "seq" });
        db.createObjectStore("kept");
      },
      blocking: () => this.close(), // another page is to delete or to change it
      terminated: () => {
        this.#opened = null;
      },
    });
  }

  close(): void {
    const opened = this.#opened;
    this.#opened = null;
    opened?.then((db) => db.close()).catch(() => undefined);
  }

  /** Read one of the things that there is one of. Throws Broken. */
  async get<K extends keyof Kept>(name: K): Promise<Kept[K] | undefined> {
    return await this.using(async (db) => (await db.get("kept", name)) as Kept[K] | undefined);
  }

  /**
   * Keep one or more of them, all or none; undefined removes one. `device`: none unless the phone is still this door; what was asked for one
   * carer must not come to stand beside the next. Throws NoRoom or Broken.
   */
  async set(values: { readonly [K in keyof Kept]?: Kept[K] | undefined }, device?: string): Promise<void> {
    await this.using(async (db) => {
      const tx = db.transaction("kept", "readwrite", { durability: "strict" });
      const ours = device === undefined || (await doorIn(tx.store)) === device;
      const writes = (ours ? (Object.keys(values) as (keyof Kept)[]) : []).map((name) => {
        const value = values[name];
        return value === undefined ? tx.store.delete(name) : tx.store.put(value, name);
      });
      await Promise.all([...writes, tx.done]);
    });
  }

  /**
   * Work on it, and `again` over a new connection where this one turns out to be dead; that suits what may be done twice. Throws NoRoom or
   * Broken for what the browser throws.
   */
  async using<T>(work: (db: Database) => Promise<T>, again = true): Promise<T> {
    const db = await this.open();
    try {
      return await work(db);
    } catch (error) {
      const says = trouble(error);
      if (!(says instanceof Broken)) throw says;
      this.close();
      if (!again) throw says;
      return await this.using(work, false);
    }
  }
}

/** Which door this phone is, as the transaction sees it. */
export async function doorIn(kept: { get(name: "enrolment"): Promise<unknown> }): Promise<string | null> {
  return ((await kept.get("enrolment")) as Answer | undefined)?.device ?? null;
}

/** Tell a full disk and a broken one from a fault of ours. */
function trouble(error: unknown): unknown {
  if (!(error instanceof DOMException)) return error;
  if (error.name === "QuotaExceededError") return new NoRoom("There is no room on this phone for another record.", { cause: error });
  return new Broken(`This browser does not keep what it is given: ${error.message}`, { cause: error });
}
