// Does a phone keep its promises to the carer? The whole agent on a real outbox; clocks, office and broker stand at its seams.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Keeping } from "./keeping/database";
import { PhoneAtHand, said, seen, stateOf } from "./trying/phone_at_hand";
import { EIGHT, enrolledPhone, freshMemory, HOUR, MINUTE, receiptOf } from "./trying/phone_parts";
import { digest, split } from "./wire/jws";
import * as records from "./wire/records";

let phone: PhoneAtHand;
beforeEach(async () => {
  await enrolledPhone();
  phone = new PhoneAtHand();
});
afterEach(async () => {
  await phone.close();
  vi.unstubAllGlobals();
});

describe("a tap", () => {
  test("starts a visit, and the next one ends it", async () => {
    const agent = await phone.open();
    const start = await agent.tap(seen("t-1", { proof: "e=EF96&c=94EE" }), false);
    phone.clock.pass(32 * MINUTE);
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
    await (await phone.open()).tap(seen("t-1"), false);
    phone.clock.wallNow += 30 * MINUTE;
    phone.clock.upNow = 80;
    const later = await phone.open();

    expect((await stateOf(later)).open).toEqual({ called: "t-1", ref: "t-1", since: EIGHT });
    expect(await later.tap(seen("t-1"), false)).toMatchObject({ kind: "done", action: "stop", began: EIGHT });
    expect(said(await later.rows()).map(({ data }) => data.seq)).toEqual([1, 2, 3, 4]);
  });

  test("once more within a minute changes nothing", async () => {
    const agent = await phone.open();
    await agent.tap(seen("t-1"), false);
    phone.clock.pass(20_000);

    expect(await agent.tap(seen("t-1"), false)).toEqual({ kind: "already", action: "start", called: "t-1", at: EIGHT });
    expect(await agent.rows()).toHaveLength(2);
  });

  test("in two pages at once is one start", async () => {
    const [one, other] = await Promise.all([phone.open(), phone.open()]);
    const answers = await Promise.all([one.tap(seen("t-1"), false), other.tap(seen("t-1"), false)]);

    expect(answers.map(({ kind }) => kind).sort()).toEqual(["already", "done"]);
    expect((await one.rows()).filter(({ tap }) => tap !== null)).toHaveLength(1);
  });

  test("of the waiting tag, or with the choice, waits", async () => {
    const agent = await phone.open();
    expect(await agent.tap(seen("t-1", { waiting: true }), false)).toMatchObject({ action: "waiting" });
    phone.clock.pass(2 * MINUTE);
    expect(await agent.tap(seen("t-1"), true)).toMatchObject({ action: "waiting" });
    phone.clock.pass(MINUTE);
    expect(await agent.tap(seen("t-1"), false)).toMatchObject({ kind: "done", action: "start" });
  });

  test.each(["", "a b", "ß", "x".repeat(65)])("of what is no tag (%j) is refused", async (ref) => {
    expect(await (await phone.open()).tap(seen(ref), false)).toEqual({ kind: "trouble", trouble: "not a tag" });
  });

  test("away from home names the service user", async () => {
    const agent = await phone.open();
    expect(await agent.tap({ via: "away", ref: "SU-7" }, false)).toMatchObject({ kind: "done", action: "start" });
    expect(said(await agent.rows()).at(-1)).toMatchObject({ data: { place: { via: "away", ref: "SU-7" } } });
  });
});

describe("why nothing is recorded", () => {
  test("a phone that belongs to nobody", async () => {
    freshMemory();
    const agent = await phone.open();
    expect(await agent.tap(seen("t-1"), false)).toEqual({ kind: "trouble", trouble: "not enrolled" });
    expect(await stateOf(agent)).toMatchObject({ carer: null, trouble: null });
  });

  test("a phone that the office took away, until it gives it back", async () => {
    const agent = await phone.open();
    phone.office.reachable = true;
    phone.office.refuses = { status: 403, kind: "revoked-door" };
    await agent.refresh();
    expect(await agent.tap(seen("t-1"), false)).toEqual({ kind: "trouble", trouble: "revoked" });
    expect(await stateOf(agent)).toMatchObject({ carer: "C-017", trouble: "revoked" });

    phone.office.refuses = null;
    phone.office.mine = { homes: [{ tag: "t-1", service_user: "SU-1", called: "M. J." }], planned: [], visits: [] };
    await agent.refresh();
    expect(await agent.tap(seen("t-1"), false)).toMatchObject({ kind: "done" });
  });

  test("an office that refuses for another reason takes nothing away", async () => {
    const agent = await phone.open();
    phone.office.reachable = true;
    phone.office.refuses = { status: 403, kind: "stale-nonce" };
    await agent.refresh();
    expect(await agent.tap(seen("t-1"), false)).toMatchObject({ kind: "done" });
  });

  test("another chain under this key: nothing more is confirmed, and what is here is kept", async () => {
    const agent = await phone.open({ sends: true });
    phone.broker.answers = (_, call) => receiptOf(call.device, { through: 40, digest: "A".repeat(43) });
    await agent.tap(seen("t-1"), false);
    await vi.waitFor(async () => expect(await agent.tap(seen("t-2"), false)).toEqual({ kind: "trouble", trouble: "another chain" }));
    expect(await stateOf(agent)).toMatchObject({ trouble: "another chain", waiting: 1 });
    expect(await agent.leave(false)).toBe(false);
  });

  test("a storage that is full, and says so until a tap can be kept again", async () => {
    const agent = await phone.open();
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
    const agent = await phone.open();
    expect(await agent.tap(seen("t-1"), false)).toEqual({ kind: "trouble", trouble: "storage broken" });
    expect(await stateOf(agent)).toMatchObject({ carer: null, trouble: "storage broken" });
    await expect(new Keeping().get("key")).rejects.toThrow("keep nothing");
  });
});

describe("the clock", () => {
  test("what was tapped by a clock that nobody trusts is placed by the chain when the office has been asked", async () => {
    await new Keeping().set({ comparison: { byMs: 3 * HOUR, wall: EIGHT - HOUR } });
    phone.clock.wallNow = EIGHT + 5 * HOUR; // five hours fast now, and the phone knows of three
    phone.office.now = () => phone.clock.wallNow - 5 * HOUR;
    const agent = await phone.open();
    const tap = await agent.tap(seen("t-1"), false);
    expect(tap).toMatchObject({ kind: "done", at: EIGHT + 2 * HOUR, clock: "unsure" });
    expect((await stateOf(agent)).clock).toEqual({ state: "wrong", byMs: 3 * HOUR });
    phone.clock.pass(10 * MINUTE);
    phone.office.reachable = true;
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
    phone.office.reachable = true;
    const agent = await phone.open();
    await agent.refresh();
    await agent.mine();
    expect(await agent.rows()).toHaveLength(0);
    expect((await stateOf(agent)).clock).toEqual({ state: "sure", byMs: 0 });
  });

  test("after a sleep there is another boot record", async () => {
    const agent = await phone.open();
    await agent.tap(seen("t-1"), false);
    phone.clock.wallNow += 20 * MINUTE; // the up-time stood still
    await agent.tap(seen("t-1"), false);

    const boots = said(await agent.rows()).map(({ type, data }) => [type.split(".")[1], data.clock.boot]);
    expect(boots.map(([kind]) => kind)).toEqual(["boot", "tap", "boot", "tap"]);
    expect(new Set(boots.map(([, boot]) => boot)).size).toBe(2);
  });
});

test("to leave waits also for what the office has set aside, because here is the only copy that she can show", async () => {
  const agent = await phone.open({ sends: true });
  phone.broker.answers = async (jws, call) =>
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

test("to leave takes everything off the phone, and not before the office has what was tapped", async () => {
  const agent = await phone.open();
  await agent.tap(seen("t-1"), false);
  expect(await agent.leave(false)).toBe(false);
  expect(await agent.leave(true)).toBe(true);
  await vi.waitFor(async () => expect(await stateOf(agent)).toMatchObject({ carer: null, waiting: 0, open: null }));
  expect(await new Keeping().get("key")).toBeUndefined();
  expect(await agent.rows()).toHaveLength(0);
});

test("what the office answers when she has left is not kept: it is about her, and the phone may be somebody else's next", async () => {
  const answers = phone.office.fetch;
  let answer = (): void => undefined;
  const left = new Promise<void>((go) => (answer = go));
  phone.office.fetch = async (path, how) => {
    if (path === "/api/v1/phone/mine") await left;
    return await answers(path, how);
  };
  phone.office.reachable = true;
  const agent = await phone.open();
  const refreshing = agent.refresh();
  await vi.waitFor(() => expect(phone.office.asked).toContain("/api/v1/phone/time"));
  expect(await agent.leave(false)).toBe(true);
  answer();
  await refreshing;

  expect(phone.office.asked).toContain("/api/v1/phone/mine");
  expect(await new Keeping().get("mine")).toBeUndefined();
});
