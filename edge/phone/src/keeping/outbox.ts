/** Where is a record safe until the office has it? In the phone's database, synced to disk before anybody is told. */

import type { Receipt } from "../wire/receipts";
import { Broken, doorIn, type Keeping, type Row } from "./database";
import { countOf, countOpen, openBetween, type Settled, settle, stateOf, storedThrough, storeThrough } from "./ranges";

/** Records that the office has and that stay on the phone: about a week of visits, to show them, and to tell a start from a stop. */
export const KEPT_FOR_THE_LOG = 500;
/** So many of the latest records are looked at for a tap. None that is open is older: a start is forgotten after 16 hours. */
const LOOKED_AT = 200;
/** A phone that has waited for half a year; beyond, "many" would do. */
const COUNTED_AT_MOST = 10_000;
const LOCK = "calltime outbox";
/** A page that the browser has frozen may hold the lock for ever. The carer does not wait longer for it than this. */
const LOCKED_AT_MOST_MS = 1500;

/** The newest record, and the latest ones, newest first. */
export interface Head {
  readonly seq: number;
  readonly digest: string | null;
  readonly log: readonly Row[];
}

/** Records that follow the head, signed, and what to say of them when they are safe. `latest`: of the wall clock. */
export interface Signed<T> {
  readonly rows: readonly Row[];
  readonly latest: number;
  readonly answer: T;
}

export interface Counts {
  /** Records without a receipt. */
  readonly waiting: number;
  readonly quarantined: number;
}

export class Outbox {
  readonly #keeping: Keeping;
  readonly #locks: LockManager | undefined;

  /** `locks`: of this browser. Without them the comparison of heads alone keeps two pages apart. */
  constructor(keeping: Keeping, locks: LockManager | undefined = globalThis.navigator?.locks) {
    this.#keeping = keeping;
    this.#locks = locks;
  }

  /**
   * Write the next records of the chain; resolve when they are safe on disk. `sign` is given the head, and once more when another page was
   * faster. Throws NoRoom or Broken, and then nothing was kept.
   */
  async append<T>(sign: (head: Head) => Promise<Signed<T>>): Promise<T> {
    const locks = this.#locks;
    if (locks === undefined) return await this.#append(sign);
    const tired = new AbortController();
    const late = setTimeout(() => tired.abort(), LOCKED_AT_MOST_MS);
    let ours = false;
    try {
      return await locks.request(LOCK, { signal: tired.signal }, () => {
        ours = true;
        clearTimeout(late);
        return this.#append(sign);
      });
    } catch (error) {
      if (ours) throw error;
      return await this.#append(sign); // the comparison of heads keeps the pages apart
    } finally {
      clearTimeout(late);
    }
  }

  async #append<T>(sign: (head: Head) => Promise<Signed<T>>): Promise<T> {
    for (let broke = 0; ; ) {
      let signed: Signed<T> | undefined;
      try {
        const head = await this.head();
        signed = await sign(head);
        if (signed.rows.length === 0 || (await this.#write(head, signed))) return signed.answer;
      } catch (error) {
        if (!(error instanceof Broken) || broke++ > 0) throw error;
        // The browser lost its connection to the database. Whether it wrote is seen there; if not, once more over a new connection.
        if (signed !== undefined && (await this.#holds(signed.rows))) return signed.answer;
      }
    }
  }

  /** The newest record and the latest ones. Throws Broken. */
  async head(): Promise<Head> {
    return await this.#keeping.using(async (db) => {
      const { store } = db.transaction("record");
      const newest = await store.openKeyCursor(null, "prev");
      if (newest === null) return { seq: 0, digest: null, log: [] };
      const log = (await store.getAll(IDBKeyRange.lowerBound(newest.key - LOOKED_AT, true))).reverse();
      return { seq: newest.key, digest: log[0]?.digest ?? null, log };
    });
  }

  /** Say whether it was written: not when another page wrote meanwhile. It is written when the transaction has completed, and not before. */
  async #write(head: Head, signed: Signed<unknown>): Promise<boolean> {
    return await this.#keeping.using(async (db) => {
      const tx = db.transaction(["record", "kept"], "readwrite", { durability: "strict" });
      const records = tx.objectStore("record");
      const newest = await records.openCursor(null, "prev");
      if ((newest?.value.seq ?? 0) !== head.seq || (newest?.value.digest ?? null) !== head.digest) {
        await tx.done;
        return false;
      }
      await Promise.all([...signed.rows.map((row) => records.add(row)), tx.objectStore("kept").put(signed.latest, "latest"), tx.done]);
      return true;
    }, false);
  }

  async #holds(rows: readonly Row[]): Promise<boolean> {
    const last = rows.at(-1);
    if (last === undefined) return false;
    return (await this.#keeping.using((db) => db.get("record", last.seq)))?.digest === last.digest;
  }

  /** List records without a receipt, in order, beyond a number. `device`: none unless the phone is still this door. */
  async waiting(after: number, atMost: number, device?: string): Promise<readonly Row[]> {
    return await this.#keeping.using(async (db) => {
      const tx = db.transaction(["record", "kept"]);
      const settled = await settledIn(tx.objectStore("kept"));
      const newest = (await tx.objectStore("record").openKeyCursor(null, "prev"))?.key ?? 0;
      const found: Row[] = [];
      if (device !== undefined && (await doorIn(tx.objectStore("kept"))) !== device) return found;
      for (const [first, last] of openBetween(settled, after + 1, newest)) {
        if (found.length >= atMost) break;
        found.push(...(await tx.objectStore("record").getAll(IDBKeyRange.bound(first, last), atMost - found.length)));
      }
      return found;
    });
  }

  /** Count records without a receipt, all or up to a number, and those that the office could not take. */
  async counts(through = Number.POSITIVE_INFINITY): Promise<Counts> {
    return await this.#keeping.using(async (db) => {
      const tx = db.transaction(["record", "kept"]);
      const settled = await settledIn(tx.objectStore("kept"));
      const newest = (await tx.objectStore("record").openKeyCursor(null, "prev"))?.key ?? 0;
      return { waiting: countOpen(settled, Math.min(newest, through)), quarantined: countOf(settled, "quarantined") };
    });
  }

  /** Count taps without a receipt: what the carer would call waiting. */
  async tapsWaiting(): Promise<number> {
    return (await this.waiting(0, COUNTED_AT_MOST)).filter(({ tap }) => tap !== null).length;
  }

  /** All records that are here, oldest first, and what has become of them. */
  async log(): Promise<{ readonly rows: readonly Row[]; readonly settled: Settled }> {
    return await this.#keeping.using(async (db) => {
      const tx = db.transaction(["record", "kept"]);
      const [rows, settled] = await Promise.all([tx.objectStore("record").getAll(), settledIn(tx.objectStore("kept"))]);
      return { rows, settled };
    });
  }

  /**
   * Mark what the office has; false when the office holds another chain under this key, which is noted (`now`), and then nothing is
   * forgotten. A receipt for a door that this phone is no more, another page having made it another's, changes nothing. It is not synced:
   * should it be undone, the records are sent again and receipted again.
   */
  async take(receipt: Receipt, now: number): Promise<boolean> {
    return await this.#keeping.using(async (db) => {
      const tx = db.transaction(["record", "kept"], "readwrite");
      const records = tx.objectStore("record");
      const kept = tx.objectStore("kept");
      if ((await doorIn(kept)) !== receipt.device) {
        await tx.done;
        return true;
      }
      const before = await settledIn(kept);
      const newest = (await records.openKeyCursor(null, "prev"))?.key ?? 0;
      const ours = receipt.through === 0 ? undefined : await records.get(receipt.through);
      const highest = Math.max(receipt.through, ...receipt.also.map(([, last]) => last));
      // A record that we forgot was compared before.
      const agreed = highest <= newest && (ours === undefined || ours.digest === receipt.digest);
      let after = before;
      if (agreed) {
        after = storeThrough(after, receipt.through);
        for (const [first, last] of receipt.also) after = settle(after, { first, last, state: "beyond a gap" });
      } else await kept.put(now, "fork");
      for (const { digest, seq } of receipt.quarantined) {
        const number = await numbered(records, digest, seq, storedThrough(after));
        if (number !== null && stateOf(after, number) === "waiting")
          after = settle(after, { first: number, last: number, state: "quarantined" });
      }
      await kept.put(after, "settled");
      const forgotten = storedThrough(after) - KEPT_FOR_THE_LOG;
      if (agreed && forgotten > 0) await records.delete(IDBKeyRange.upperBound(forgotten));
      await tx.done;
      return agreed;
    });
  }

  /**
   * Delete all that the phone keeps; false when records are here that the office has not got, or has set aside, and then nothing is
   * deleted. `evenSo`: also those. Counted and deleted at once, so that no tap of another page is lost between.
   */
  async wipe(evenSo: boolean): Promise<boolean> {
    return await this.#keeping.using(async (db) => {
      const tx = db.transaction(["record", "kept"], "readwrite", { durability: "strict" });
      const settled = await settledIn(tx.objectStore("kept"));
      const newest = (await tx.objectStore("record").openKeyCursor(null, "prev"))?.key ?? 0;
      const clear = evenSo || (countOpen(settled, newest) === 0 && countOf(settled, "quarantined") === 0);
      if (clear) await Promise.all([tx.objectStore("record").clear(), tx.objectStore("kept").clear()]);
      await tx.done;
      return clear;
    });
  }
}

interface Records {
  get(seq: number): Promise<Row | undefined>;
  getAll(range: IDBKeyRange, atMost: number): Promise<Row[]>;
}

async function settledIn(kept: { get(name: "settled"): Promise<unknown> }): Promise<Settled> {
  return ((await kept.get("settled")) as Settled | undefined) ?? [];
}

/** Find our record of this digest. The office may not have been able to read its number: then it is among the first that wait. */
async function numbered(records: Records, digest: string, seq: number | null, after: number): Promise<number | null> {
  const candidates = seq === null ? await records.getAll(IDBKeyRange.lowerBound(after, true), 1000) : [await records.get(seq)];
  return candidates.find((row) => row?.digest === digest)?.seq ?? null;
}
