// Is a record safe from when it is confirmed until the office has it? Against a real IndexedDB, in memory.

import { beforeEach, describe, expect, test } from "vitest";
import { enrolledPhone, longHistory, type ReceiptFields, receiptOf, THE_GATEWAY, tapped } from "../trying/phone_parts";
import { digest, isSignedBy, type Signer, split } from "../wire/jws";
import { gatewayVerifier } from "../wire/keys";
import * as receipts from "../wire/receipts";
import * as records from "../wire/records";
import { Keeping, NoRoom, type Row } from "./database";
import { KEPT_FOR_THE_LOG, Outbox } from "./outbox";

let outbox: Outbox;
let keeping: Keeping;
let signer: Signer;
beforeEach(async () => {
  ({ outbox, keeping, signer } = await enrolledPhone());
});

async function take(fields: ReceiptFields): Promise<boolean> {
  return await outbox.take(await receipts.decode(await receiptOf(signer.device, fields), signer.device, THE_GATEWAY), 1);
}

const numbers = (rows: readonly Row[]): readonly number[] => rows.map(({ seq }) => seq);

describe("the chain", () => {
  test("each record has the next number, names the one before, and is signed", async () => {
    const rows = await tapped(outbox, signer, 3);
    const said = rows.map(({ jws }) => records.decode(split(jws)));

    expect(said.map(({ data }) => data.seq)).toEqual([1, 2, 3]);
    expect(said.map(({ data }) => data.prev)).toEqual([null, rows[0]?.digest, rows[1]?.digest]);
    for (const { jws, digest: kept } of rows) {
      expect(await digest(jws)).toBe(kept);
      expect(await isSignedBy(split(jws), gatewayVerifier(signer.publicKey))).toBe(true);
    }
  });

  test("it goes on where it was when the app is opened again", async () => {
    await tapped(outbox, signer, 2);
    keeping.close();
    const later = new Outbox(new Keeping());

    expect(numbers(await tapped(later, signer, 1))).toEqual([3]);
    expect(numbers(await later.waiting(0, 10))).toEqual([1, 2, 3]);
  });

  test.each([
    ["with the browser's locks", navigator.locks],
    ["without locks, as in older browsers", undefined],
  ])("two pages that write at once write one chain, %s", async (_, locks) => {
    const pages = [new Outbox(new Keeping(), locks), new Outbox(new Keeping(), locks)];
    await Promise.all(pages.map((page) => tapped(page, signer, 10)));

    const { rows } = await outbox.log();
    expect(numbers(rows)).toEqual(Array.from({ length: 20 }, (__, place) => place + 1));
    rows.forEach((row, place) => {
      expect(records.decode(split(row.jws)).data.prev).toBe(rows[place - 1]?.digest ?? null);
    });
  });

  test("a page that was frozen while it held the lock keeps nobody from tapping", async () => {
    let thaw = (): void => undefined;
    const frozen = navigator.locks.request("calltime outbox", () => new Promise<void>((free) => (thaw = free)));

    expect(numbers(await tapped(outbox, signer, 1))).toEqual([1]);
    thaw();
    await frozen;
  });

  test("who is killed after signing and before writing has written nothing, and the number is used by the next", async () => {
    await tapped(outbox, signer, 1);
    const killed = outbox.append(() => Promise.reject(new Error("killed")));
    await expect(killed).rejects.toThrow("killed");

    expect(numbers(await tapped(new Outbox(new Keeping()), signer, 1))).toEqual([2]);
  });

  test("nothing is written when there is nothing to write", async () => {
    expect(await outbox.append(async () => ({ rows: [], latest: 0, answer: "already" }))).toBe("already");
    expect((await outbox.head()).seq).toBe(0);
  });
});

describe("when the browser fails", () => {
  /** Have the next writes of a record, or the next times that something is read, fail as browsers fail. */
  function failing(times: number, name: string, what: "add" | "get" = "add"): () => void {
    const store = IDBObjectStore.prototype as unknown as Record<typeof what, (...given: unknown[]) => unknown>;
    const whole = store[what];
    let left = times;
    store[what] = function (this: unknown, ...given: unknown[]) {
      if (left-- > 0) throw new DOMException("the disk says no", name);
      return whole.apply(this, given);
    };
    return () => {
      store[what] = whole;
    };
  }

  test("a full disk refuses the tap, and what is there stays", async () => {
    await tapped(outbox, signer, 2);
    const mend = failing(1, "QuotaExceededError");
    try {
      await expect(tapped(outbox, signer, 1)).rejects.toThrow(NoRoom);
    } finally {
      mend();
    }
    expect(numbers(await outbox.waiting(0, 10))).toEqual([1, 2]);
    expect(numbers(await tapped(outbox, signer, 1))).toEqual([3]);
  });

  test("a connection that the browser lost is opened again, and the tap is written once", async () => {
    const mend = failing(1, "UnknownError");
    try {
      await tapped(outbox, signer, 1);
    } finally {
      mend();
    }
    expect(numbers((await outbox.log()).rows)).toEqual([1]);
  });

  test("what is read is read over a new connection, too", async () => {
    const mend = failing(1, "UnknownError", "get");
    try {
      expect(await keeping.get("brokers")).toHaveLength(1);
    } finally {
      mend();
    }
  });

  test("a storage that stays broken is said to be", async () => {
    const mend = failing(9, "UnknownError");
    try {
      await expect(tapped(outbox, signer, 1)).rejects.toThrow("does not keep");
    } finally {
      mend();
    }
  });
});

describe("receipts", () => {
  test("what is stored waits no more, and the others do", async () => {
    const rows = await tapped(outbox, signer, 5);

    expect(await take({ through: 3, digest: rows[2]?.digest ?? null })).toBe(true);
    expect(numbers(await outbox.waiting(0, 10))).toEqual([4, 5]);
    expect(await outbox.counts()).toEqual({ waiting: 2, quarantined: 0 });
    expect((await outbox.log()).settled).toEqual([{ first: 1, last: 3, state: "stored" }]);
    expect((await outbox.counts(4)).waiting).toBe(1);
  });

  test("one that comes late, twice, or out of order does no harm", async () => {
    const rows = await tapped(outbox, signer, 5);
    for (const through of [4, 2, 4, 0]) await take({ through, digest: rows[through - 1]?.digest ?? null });

    expect((await outbox.counts()).waiting).toBe(1);
  });

  test("what lies beyond a gap is not sent again, and is not forgotten", async () => {
    const rows = await tapped(outbox, signer, 6);
    await take({ through: 1, digest: rows[0]?.digest ?? null, also: [[3, 4]] });

    expect(numbers(await outbox.waiting(0, 10))).toEqual([2, 5, 6]);
    expect((await outbox.log()).rows).toHaveLength(6);
  });

  test("a record in quarantine is counted and not sent again, when the office names it by its digest", async () => {
    const rows = await tapped(outbox, signer, 3);
    const aside = (digestOf: string | undefined, seq: number | null) => ({ digest: digestOf ?? "", seq, reason: "malformed" });
    await take({ through: 0, digest: null, quarantined: [aside(rows[1]?.digest, 2), aside(rows[2]?.digest, null)] });

    expect(await outbox.counts()).toMatchObject({ waiting: 1, quarantined: 2 });
  });

  test("a quarantine of another message with our number is not ours", async () => {
    const rows = await tapped(outbox, signer, 2);
    await take({ through: 0, digest: null, quarantined: [{ digest: rows[0]?.digest ?? "", seq: 2, reason: "fork" }] });

    expect(await outbox.counts()).toMatchObject({ waiting: 2, quarantined: 0 });
  });

  test("a receipt of another chain forgets nothing, and is noted", async () => {
    const rows = await tapped(outbox, signer, 3);

    expect(await take({ through: 2, digest: rows[0]?.digest ?? null })).toBe(false);
    expect((await outbox.counts()).waiting).toBe(3);
    expect(await keeping.get("fork")).toBe(1);
  });

  test("an office that holds more than was ever written here shows that this memory was set back", async () => {
    const rows = await tapped(outbox, signer, 2);

    expect(await take({ through: 7, digest: rows[0]?.digest ?? null })).toBe(false);
    expect(await take({ through: 1, digest: rows[0]?.digest ?? null, also: [[9, 9]] })).toBe(false);
    expect((await outbox.counts()).waiting).toBe(2);
  });

  test("a phone that another page has made another door's heeds none for the old one, and hands nothing to who sends as that", async () => {
    const rows = await tapped(outbox, signer, 2);
    const enrolment = await keeping.get("enrolment");
    if (enrolment !== undefined) await keeping.set({ enrolment: { ...enrolment, device: "another door" } });
    await take({ through: 2, digest: rows[0]?.digest ?? null });

    expect(await keeping.get("fork")).toBeUndefined();
    expect((await outbox.counts()).waiting).toBe(2);
    expect(await outbox.waiting(0, 10, signer.device)).toEqual([]);
    expect(await outbox.waiting(0, 10, "another door")).toHaveLength(2);
  });

  test("long after, only so many records are kept to look at", async () => {
    const rows = await longHistory(outbox, signer, KEPT_FOR_THE_LOG + 30);
    await take({ through: rows.length, digest: rows.at(-1)?.digest ?? null });

    expect((await outbox.log()).rows).toHaveLength(KEPT_FOR_THE_LOG);
    expect(numbers(await tapped(outbox, signer, 1))).toEqual([rows.length + 1]);
    expect(await take({ through: 5, digest: rows[4]?.digest ?? null })).toBe(true); // late, of one that is forgotten
  });
});
