// Does a phone keep its promises to the carer? The whole agent on a real outbox; clocks, office and broker stand at its seams.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Answer, State } from "./agent";
import { PhoneClock } from "./clock";
import { Keeping, type Row } from "./keeping/database";
import { Outbox } from "./keeping/outbox";
import { Office } from "./office";
import { PhoneAgent } from "./phone_agent";
import { callingFrom } from "./publishing/calling";
import { Sending } from "./publishing/sending";
import { BrokerAtHand } from "./trying/broker_at_hand";
import { OfficeAtHand } from "./trying/office_at_hand";
import { EIGHT, enrolledPhone, freshMemory, HandClock, HOUR, MINUTE, receiptOf } from "./trying/phone_parts";
import { digest, split } from "./wire/jws";
import * as records from "./wire/records";

let clock: HandClock;
let office: OfficeAtHand;
let broker: BrokerAtHand;
let opened: Sending[];

beforeEach(async () => {
  await enrolledPhone();
  clock = new HandClock();
  office = new OfficeAtHand();
  office.now = () => clock.wallNow;
  office.reachable = false;
  broker = new BrokerAtHand();
  opened = [];
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("indexedDB", globalThis.indexedDB);
});
afterEach(async () => {
  await Promise.all(opened.map((sending) => sending.close()));
  vi.unstubAllGlobals();
});

/** Open the app: another page, or the same phone later. */
async function open({ sends = false } = {}): Promise<PhoneAgent & { readonly rows: () => Promise<readonly Row[]> }> {
  const keeping = new Keeping();
  const outbox = new Outbox(keeping);
  const kept = await keeping.get("comparison");
  const phoneClock = new PhoneClock(clock, kept ?? null, (await keeping.get("latest")) ?? 0);
  const sending = new Sending({
    keeping,
    outbox,
    connect: broker.connect,
    locks: undefined,
    calling: () =>
      callingFrom(
        keeping,
        outbox,
        () => "rtc",
        () => agent.changed(),
      ),
  });
  if (sends) {
    opened.push(sending);
    sending.open();
  }
  const nothing = (): void => undefined;
  const agent = new PhoneAgent({
    keeping,
    outbox,
    clock: phoneClock,
    office: new Office("", office.fetch),
    sending,
    tell: nothing,
    sendLater: nothing,
  });
  return Object.assign(agent, { rows: async () => (await outbox.log()).rows });
}

const seen = (ref: string, more: { waiting?: boolean; proof?: string } = {}) =>
  ({ via: "nfc", ref, proof: more.proof ?? null, waiting: more.waiting ?? false }) as const;
const said = (rows: readonly Row[]): readonly records.Record[] => rows.map(({ jws }) => records.decode(split(jws)));
const stateOf = (agent: PhoneAgent): Promise<State> =>
  new Promise((give) => {
    const stop = agent.watch((state) => {
      queueMicrotask(() => stop());
      give(state);
    });
  });

const onOneLine = (initials: string): string => initials.replaceAll(" ", "\u00a0");

function asked(answer: Answer): Answer & { readonly kind: "question" } {
  if (answer.kind !== "question") throw new Error(`It was not asked: ${JSON.stringify(answer)}`);
  return answer;
}

const DAY = 24 * HOUR;

describe("a tap", () => {
  test("starts a visit, and the next one ends it", async () => {
    const agent = await open();
    const start = await agent.tap(seen("t-1", { proof: "e=EF96&c=94EE" }), false);
    clock.pass(32 * MINUTE);
    const stop = await agent.tap(seen("t-1"), false);

    expect(start).toEqual({ kind: "done", action: "start", called: "t-1", at: EIGHT, began: null, clock: "sure" });
    expect(stop).toMatchObject({ kind: "done", action: "stop", at: EIGHT + 32 * MINUTE, began: EIGHT });
    const [boot, first, second] = said(await agent.rows());
    expect([boot?.type, first?.type, second?.type]).toEqual(["calltime.boot.v1", "calltime.tap.v1", "calltime.tap.v1"]);
    expect(first).toMatchObject({
      time: "2026-04-07T08:00:00.000Z",
      data: {
        seq: 2,
        action: "start",
        place: { via: "nfc", ref: "t-1", proof: "e=EF96&c=94EE" },
        carer: { via: "device", ref: "C-017" },
        clock: { up_ms: 0, sync: "rtc", error_ms: 300_360 },
      },
    });
  });

  test("is ended in another page, after the first one was killed", async () => {
    await (await open()).tap(seen("t-1"), false);
    clock.wallNow += 30 * MINUTE;
    clock.upNow = 80;
    const later = await open();

    expect((await stateOf(later)).open).toEqual({ called: "t-1", ref: "t-1", since: EIGHT });
    expect(await later.tap(seen("t-1"), false)).toMatchObject({ kind: "done", action: "stop", began: EIGHT });
    expect(said(await later.rows()).map(({ data }) => data.seq)).toEqual([1, 2, 3, 4]);
  });

  test("once more within a minute changes nothing", async () => {
    const agent = await open();
    await agent.tap(seen("t-1"), false);
    clock.pass(20_000);

    expect(await agent.tap(seen("t-1"), false)).toEqual({ kind: "already", action: "start", called: "t-1", at: EIGHT });
    expect(await agent.rows()).toHaveLength(2);
  });

  test("in two pages at once is one start", async () => {
    const [one, other] = await Promise.all([open(), open()]);
    const answers = await Promise.all([one.tap(seen("t-1"), false), other.tap(seen("t-1"), false)]);

    expect(answers.map(({ kind }) => kind).sort()).toEqual(["already", "done"]);
    expect((await one.rows()).filter(({ tap }) => tap !== null)).toHaveLength(1);
  });

  test("of the waiting tag, or with the choice, waits", async () => {
    const agent = await open();
    expect(await agent.tap(seen("t-1", { waiting: true }), false)).toMatchObject({ action: "waiting" });
    clock.pass(2 * MINUTE);
    expect(await agent.tap(seen("t-1"), true)).toMatchObject({ action: "waiting" });
    clock.pass(MINUTE);
    expect(await agent.tap(seen("t-1"), false)).toMatchObject({ kind: "done", action: "start" });
  });

  test.each(["", "a b", "ß", "x".repeat(65)])("of what is no tag (%j) is refused", async (ref) => {
    expect(await (await open()).tap(seen(ref), false)).toEqual({ kind: "trouble", trouble: "not a tag" });
  });

  test("away from home names the service user", async () => {
    const agent = await open();
    expect(await agent.tap({ via: "away", ref: "SU-7" }, false)).toMatchObject({ kind: "done", action: "start" });
    expect(said(await agent.rows()).at(-1)).toMatchObject({ data: { place: { via: "away", ref: "SU-7" } } });
  });
});

describe("what only the carer can say", () => {
  const homes = [
    { tag: "t-1", service_user: "SU-1", called: "M. J." },
    { tag: "t-2", service_user: "SU-2", called: "A. B." },
    { tag: null, service_user: "SU-3", called: "C. D." },
  ];

  async function told(planned: readonly unknown[] = []): Promise<void> {
    office.mine = { homes, planned, visits: [] };
    office.reachable = true;
    await (await open()).refresh();
    office.reachable = false;
  }

  test("homes are called as the office calls them", async () => {
    await told();
    const agent = await open();
    expect(await agent.tap(seen("t-1"), false)).toMatchObject({ kind: "done", called: onOneLine("M. J.") });
    expect(await agent.people()).toEqual([
      { ref: "SU-2", called: onOneLine("A. B.") },
      { ref: "SU-3", called: onOneLine("C. D.") },
      { ref: "SU-1", called: onOneLine("M. J.") },
    ]);
  });

  test("a visit that is open elsewhere is asked about, and its end is not invented", async () => {
    await told();
    const agent = await open();
    await agent.tap(seen("t-1"), false);
    clock.pass(40 * MINUTE);
    const answer = asked(await agent.tap(seen("t-2"), false));
    expect(answer.question).toEqual({
      kind: "open elsewhere",
      at: EIGHT + 40 * MINUTE,
      called: onOneLine("A. B."),
      elsewhere: onOneLine("M. J."),
      since: EIGHT,
    });
    expect((await agent.rows()).filter(({ tap }) => tap !== null)).toHaveLength(1);

    clock.pass(25_000); // she thinks; what is recorded is when she tapped
    expect(await answer.confirm()).toMatchObject({ kind: "done", action: "start", at: EIGHT + 40 * MINUTE });
    expect((await agent.rows()).map(({ tap }) => tap?.action)).toEqual([undefined, "start", "start"]);
  });

  test("a visit that started at the tag and is ended away is the same visit", async () => {
    await told();
    const agent = await open();
    await agent.tap(seen("t-1"), false);
    clock.pass(40 * MINUTE);
    expect(await agent.tap({ via: "away", ref: "SU-1" }, false)).toMatchObject({ kind: "done", action: "stop", began: EIGHT });
  });

  test("a home that nobody knows is asked about once, and never again", async () => {
    await told();
    const agent = await open();
    const answer = asked(await agent.tap(seen("t-9"), false));
    expect(answer.question).toEqual({ kind: "unknown home", at: EIGHT, ref: "t-9" });
    expect(await agent.rows()).toHaveLength(0);
    expect(await answer.confirm()).toMatchObject({ kind: "done", action: "start", called: "t-9" });
    clock.pass(30 * MINUTE);
    await agent.tap(seen("t-9"), false);
    clock.pass(8 * HOUR);
    expect(await agent.tap(seen("t-9"), false)).toMatchObject({ kind: "done", action: "start" });
  });

  test("with a link the office is asked first whose home it is", async () => {
    await told();
    vi.stubGlobal("navigator", { onLine: true });
    office.reachable = true;
    office.mine = { ...office.mine, homes: [...homes, { tag: "t-9", service_user: "SU-9", called: "N. N." }] };
    const agent = await open();

    expect(await agent.tap(seen("t-9"), false)).toMatchObject({ kind: "done", called: onOneLine("N. N.") });
    expect(office.claims.at(-1)).toMatchObject({ type: "calltime.mine.v1", tags: ["t-9"] });
    // The office told the time, too, after the tap: the boot record holds it, and places the tap.
    expect(said(await agent.rows()).map(({ type, data }) => [type, data.clock.sync])).toEqual([
      ["calltime.boot.v1", "ntp"],
      ["calltime.tap.v1", "rtc"],
    ]);
  });

  test("a plan elsewhere about now is asked about, where nothing is planned here", async () => {
    const at = (ms: number): string => new Date(EIGHT + ms).toISOString();
    await told([{ visit: "v-2", service_user: "SU-2", start: at(5 * MINUTE), minutes: 30 }]);
    const answer = asked(await (await open()).tap(seen("t-1"), false));
    expect(answer.question).toEqual({
      kind: "another home",
      at: EIGHT,
      called: onOneLine("M. J."),
      planned: onOneLine("A. B."),
      plannedStart: EIGHT + 5 * MINUTE,
    });
    expect(await answer.confirm()).toMatchObject({ kind: "done", action: "start" });
  });

  test("a plan elsewhere is asked about also at a home that was tapped before, and not again when she is let in", async () => {
    const later = new Date(EIGHT + DAY + 5 * MINUTE).toISOString();
    await told([{ visit: "v-2", service_user: "SU-2", start: later, minutes: 30 }]);
    const agent = await open();
    for (const _ of ["start", "stop"]) {
      expect(await agent.tap(seen("t-1"), false)).toMatchObject({ kind: "done" });
      clock.pass(30 * MINUTE);
    }
    clock.pass(DAY - HOUR);
    const answer = asked(await agent.tap(seen("t-1"), true));
    expect(answer.question).toMatchObject({ kind: "another home", planned: onOneLine("A. B.") });
    expect(await answer.confirm()).toMatchObject({ kind: "done", action: "waiting" });
    clock.pass(4 * MINUTE);
    expect(await agent.tap(seen("t-1"), false)).toMatchObject({ kind: "done", action: "start" });
  });

  test("where both are planned it is not", async () => {
    const at = (ms: number): string => new Date(EIGHT + ms).toISOString();
    await told([
      { visit: "v-2", service_user: "SU-2", start: at(5 * MINUTE), minutes: 30 },
      { visit: "v-1", service_user: "SU-1", start: at(-40 * MINUTE), minutes: 30 },
    ]);
    expect(await (await open()).tap(seen("t-1"), false)).toMatchObject({ kind: "done", action: "start" });
  });

  test("before the office was ever asked, nothing is", async () => {
    expect(await (await open()).tap(seen("t-1"), false)).toMatchObject({ kind: "done" });
  });
});

describe("why nothing is recorded", () => {
  test("a phone that belongs to nobody", async () => {
    freshMemory();
    const agent = await open();
    expect(await agent.tap(seen("t-1"), false)).toEqual({ kind: "trouble", trouble: "not enrolled" });
    expect(await stateOf(agent)).toMatchObject({ carer: null, trouble: null });
  });

  test("a phone that the office took away, until it gives it back", async () => {
    const agent = await open();
    office.reachable = true;
    office.refuses = { status: 403, kind: "revoked-door" };
    await agent.refresh();
    expect(await agent.tap(seen("t-1"), false)).toEqual({ kind: "trouble", trouble: "revoked" });
    expect(await stateOf(agent)).toMatchObject({ carer: "C-017", trouble: "revoked" });

    office.refuses = null;
    office.mine = { homes: [{ tag: "t-1", service_user: "SU-1", called: "M. J." }], planned: [], visits: [] };
    await agent.refresh();
    expect(await agent.tap(seen("t-1"), false)).toMatchObject({ kind: "done" });
  });

  test("an office that refuses for another reason takes nothing away", async () => {
    const agent = await open();
    office.reachable = true;
    office.refuses = { status: 403, kind: "stale-nonce" };
    await agent.refresh();
    expect(await agent.tap(seen("t-1"), false)).toMatchObject({ kind: "done" });
  });

  test("another chain under this key: nothing more is confirmed, and what is here is kept", async () => {
    const agent = await open({ sends: true });
    broker.answers = (_, call) => receiptOf(call.device, { through: 40, digest: "A".repeat(43) });
    await agent.tap(seen("t-1"), false);
    await vi.waitFor(async () => expect(await agent.tap(seen("t-2"), false)).toEqual({ kind: "trouble", trouble: "another chain" }));
    expect(await stateOf(agent)).toMatchObject({ trouble: "another chain", waiting: 1 });
    expect(await agent.leave(false)).toBe(false);
  });

  test("a storage that is full, and says so until a tap can be kept again", async () => {
    const agent = await open();
    const whole = IDBObjectStore.prototype.add;
    IDBObjectStore.prototype.add = () => {
      throw new DOMException("no room", "QuotaExceededError");
    };
    try {
      expect(await agent.tap(seen("t-1"), false)).toEqual({ kind: "trouble", trouble: "storage full" });
    } finally {
      IDBObjectStore.prototype.add = whole;
    }
    expect(await stateOf(agent)).toMatchObject({ trouble: "storage full", waiting: 0, open: null });
    expect(await agent.tap(seen("t-1"), false)).toMatchObject({ kind: "done" });
    expect((await stateOf(agent)).trouble).toBeNull();
  });

  test("a browser that keeps nothing", async () => {
    vi.stubGlobal("indexedDB", {
      open: () => {
        throw new DOMException("not in this window", "SecurityError");
      },
    });
    const agent = await open().catch(() => null);
    expect(agent).toBeNull(); // openDoor goes on with a clock that knows nothing; the parts say what is wrong
    await expect(new Keeping().get("key")).rejects.toThrow("keep nothing");
  });
});

describe("the clock", () => {
  test("what was tapped by a clock that nobody trusts is placed by the chain when the office has been asked", async () => {
    await new Keeping().set({ comparison: { byMs: 3 * HOUR, wall: EIGHT - HOUR } });
    clock.wallNow = EIGHT + 5 * HOUR; // five hours fast now, and the phone knows of three
    office.now = () => clock.wallNow - 5 * HOUR;
    const agent = await open();
    const tap = await agent.tap(seen("t-1"), false);
    expect(tap).toMatchObject({ kind: "done", at: EIGHT + 2 * HOUR, clock: "unsure" });
    expect((await stateOf(agent)).clock).toEqual({ state: "wrong", byMs: 3 * HOUR });
    clock.pass(10 * MINUTE);
    office.reachable = true;
    await agent.refresh();

    const [boot, tapped, set] = said(await agent.rows());
    expect([boot?.type, tapped?.type, set?.type]).toEqual(["calltime.boot.v1", "calltime.tap.v1", "calltime.clock.v1"]);
    expect(tapped?.data.clock.sync).toBe("none");
    expect(set).toMatchObject({
      time: "2026-04-07T08:10:00.000Z",
      data: { clock: { sync: "ntp", up_ms: 600_000, boot: boot?.data.clock.boot } },
    });
    expect((await stateOf(agent)).clock).toEqual({ state: "wrong", byMs: 5 * HOUR });
    expect((await stateOf(agent)).open).toMatchObject({ since: EIGHT });
    expect((await agent.mine()).visits).toMatchObject([{ started: EIGHT, day: "2026-04-07" }]);
  });

  test("a phone that only looks writes no record", async () => {
    office.reachable = true;
    const agent = await open();
    await agent.refresh();
    await agent.mine();
    expect(await agent.rows()).toHaveLength(0);
    expect((await stateOf(agent)).clock).toEqual({ state: "sure", byMs: 0 });
  });

  test("after a sleep there is another boot record", async () => {
    const agent = await open();
    await agent.tap(seen("t-1"), false);
    clock.wallNow += 20 * MINUTE; // the up-time stood still
    await agent.tap(seen("t-1"), false);

    const boots = said(await agent.rows()).map(({ type, data }) => [type.split(".")[1], data.clock.boot]);
    expect(boots.map(([kind]) => kind)).toEqual(["boot", "tap", "boot", "tap"]);
    expect(new Set(boots.map(([, boot]) => boot)).size).toBe(2);
  });
});

describe("the state", () => {
  test("tells what waits, and that it does not any more", async () => {
    const agent = await open({ sends: true });
    broker.refuses = () => ({ why: "unreachable", says: "" });
    await agent.tap(seen("t-1"), false);
    expect(await stateOf(agent)).toMatchObject({ carer: "C-017", waiting: 1, online: false, trouble: null });
    broker.refuses = () => null;
    await agent.refresh();
    await vi.waitFor(async () => expect(await stateOf(agent)).toMatchObject({ waiting: 0, online: true }), { timeout: 15_000 });
    expect((await agent.mine()).visits).toMatchObject([{ ref: "t-1", safe: true }]);
  });

  test("is told to who watches, until he stops", async () => {
    const agent = await open();
    const told: number[] = [];
    const stop = agent.watch((state) => told.push(state.waiting));
    await vi.waitFor(() => expect(told).toEqual([0]));
    await agent.tap(seen("t-1"), false);
    await vi.waitFor(() => expect(told.at(-1)).toBe(1));
    stop();
    const so_far = told.length;
    clock.pass(HOUR);
    await agent.tap(seen("t-1"), false);
    await stateOf(agent);
    expect(told).toHaveLength(so_far);
  });
});

describe("enrolment", () => {
  beforeEach(() => {
    freshMemory();
    vi.stubGlobal("indexedDB", globalThis.indexedDB);
    office.reachable = true;
    office.enrolment = () => ({
      device: enrolling(),
      gateway_key: "Q9-wcAH-A96F4KIsbfJdfBZmBSgd1r98qREvVwGfbkc",
      broker: "mqtts://b",
      carer: "C-017",
    });
  });
  let device = "";
  const enrolling = (): string => device;

  /** The office names the door that asks: by its key. */
  async function knowKey(): Promise<void> {
    const { signerOf } = await import("./wire/keys");
    const key = await new Keeping().get("key");
    if (key !== undefined) device = (await signerOf(key)).device;
  }

  test("makes a key, keeps the answer, and then can tap", async () => {
    const agent = await open();
    office.refuses = { status: 503, detail: "No gateway has started yet." };
    expect(await agent.enrol("ABCD")).toEqual({ ok: false, why: "refused", says: "No gateway has started yet." });
    await knowKey();
    office.refuses = null;

    expect(await agent.enrol("ABCD")).toEqual({ ok: true });
    expect(office.claims[1]).toMatchObject({ type: "calltime.enrolment.v1", code: "ABCD", alg: "EdDSA" });
    expect(await stateOf(agent)).toMatchObject({ carer: "C-017" });
    expect(await new Keeping().get("brokers")).toEqual(["wss://broker.example.org"]);
    expect(asked(await agent.tap(seen("t-1"), false)).question.kind).toBe("unknown home");
    expect(await agent.enrol("ABCD")).toEqual({ ok: false, why: "enrolled already", says: null });
  });

  test.each([
    [{ status: 403, detail: "too old" }, "bad code", "too old"],
    [{ status: 400, detail: "not a request" }, "refused", "not a request"],
  ] as const)("is refused with %o", async (refuses, why, says) => {
    office.refuses = refuses;
    expect(await (await open()).enrol("ABCD")).toEqual({ ok: false, why, says });
  });

  test("needs a link, and keeps its key for the next try", async () => {
    office.reachable = false;
    const agent = await open();
    expect(await agent.enrol("ABCD")).toMatchObject({ ok: false, why: "no link" });
    const key = await new Keeping().get("key");
    expect(await agent.enrol("ABCD")).toMatchObject({ ok: false, why: "no link" });
    expect((await new Keeping().get("key"))?.publicKey).toEqual(key?.publicKey);
  });

  test("with the code of a home's reader is not for phones", async () => {
    const agent = await open();
    office.reachable = false;
    await agent.enrol("ABCD");
    await knowKey();
    office.reachable = true;
    office.enrolment = () => ({ device, gateway_key: "Q9-wcAH-A96F4KIsbfJdfBZmBSgd1r98qREvVwGfbkc", broker: "mqtts://b", home: "H-1" });
    expect(await agent.enrol("ABCD")).toEqual({ ok: false, why: "not for phones", says: null });
    expect(await stateOf(agent)).toMatchObject({ carer: null });
  });

  test("a browser that lacks what is needed is told so in a sentence", async () => {
    vi.stubGlobal("isSecureContext", false);
    const answer = await (await open()).enrol("ABCD");
    expect(answer).toMatchObject({ ok: false, why: "old browser" });
    expect(answer.ok ? "" : answer.says).toContain("https");
  });
});

test("to leave waits also for what the office has set aside, because here is the only copy that she can show", async () => {
  const agent = await open({ sends: true });
  broker.answers = async (jws, call) =>
    receiptOf(call.device, {
      through: 0,
      digest: null,
      quarantined: [{ digest: await digest(jws), seq: records.decode(split(jws)).data.seq, reason: "malformed" }],
    });
  await agent.tap(seen("t-1"), false);
  await vi.waitFor(async () => expect(await stateOf(agent)).toMatchObject({ waiting: 0, quarantined: 2 }), { timeout: 15_000 });
  expect(await agent.leave(false)).toBe(false);
  expect(await agent.leave(true)).toBe(true);
});

test("whatever it is that cannot be read, the pages are told that the storage is broken", async () => {
  const agent = await open();
  const whole = Outbox.prototype.counts;
  Outbox.prototype.counts = () => Promise.reject(new TypeError("nobody foresaw this"));
  try {
    expect(await stateOf(agent)).toMatchObject({ carer: null, trouble: "storage broken" });
  } finally {
    Outbox.prototype.counts = whole;
  }
});

test("to leave takes everything off the phone, and not before the office has what was tapped", async () => {
  const agent = await open();
  await agent.tap(seen("t-1"), false);
  expect(await agent.leave(false)).toBe(false);
  expect(await agent.leave(true)).toBe(true);
  await vi.waitFor(async () => expect(await stateOf(agent)).toMatchObject({ carer: null, waiting: 0, open: null }));
  expect(await new Keeping().get("key")).toBeUndefined();
  expect(await agent.rows()).toHaveLength(0);
});
