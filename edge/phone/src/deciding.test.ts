// Is the carer asked where only she can say, and nowhere else? By the whole agent, on what the office told it.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { asked, onOneLine, PhoneAtHand, said, seen } from "./trying/phone_at_hand";
import { EIGHT, enrolledPhone, HOUR, MINUTE } from "./trying/phone_parts";

const DAY = 24 * HOUR;

let phone: PhoneAtHand;
beforeEach(async () => {
  await enrolledPhone();
  phone = new PhoneAtHand();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const homes = [
  { tag: "t-1", service_user: "SU-1", called: "M. J." },
  { tag: "t-2", service_user: "SU-2", called: "A. B." },
  { tag: null, service_user: "SU-3", called: "C. D." },
];

async function told(planned: readonly unknown[] = []): Promise<void> {
  phone.office.mine = { homes, planned, visits: [] };
  phone.office.reachable = true;
  await (await phone.open()).refresh();
  phone.office.reachable = false;
}

test("homes are called as the office calls them", async () => {
  await told();
  const agent = await phone.open();
  expect(await agent.tap(seen("t-1"), false)).toMatchObject({ kind: "done", called: onOneLine("M. J.") });
  expect(await agent.people()).toEqual([
    { ref: "SU-2", called: onOneLine("A. B.") },
    { ref: "SU-3", called: onOneLine("C. D.") },
    { ref: "SU-1", called: onOneLine("M. J.") },
  ]);
});

test("a visit that is open elsewhere is asked about, and its end is not invented", async () => {
  await told();
  const agent = await phone.open();
  await agent.tap(seen("t-1"), false);
  phone.clock.pass(40 * MINUTE);
  const answer = asked(await agent.tap(seen("t-2"), false));
  expect(answer.question).toEqual({
    kind: "open elsewhere",
    at: EIGHT + 40 * MINUTE,
    called: onOneLine("A. B."),
    elsewhere: onOneLine("M. J."),
    since: EIGHT,
  });
  expect((await agent.rows()).filter(({ tap }) => tap !== null)).toHaveLength(1);

  phone.clock.pass(25_000); // she thinks; what is recorded is when she tapped
  expect(await answer.confirm()).toMatchObject({ kind: "done", action: "start", at: EIGHT + 40 * MINUTE });
  expect((await agent.rows()).map(({ tap }) => tap?.action)).toEqual([undefined, "start", "start"]);
});

test("a visit that started at the tag and is ended away is the same visit", async () => {
  await told();
  const agent = await phone.open();
  await agent.tap(seen("t-1"), false);
  phone.clock.pass(40 * MINUTE);
  expect(await agent.tap({ via: "away", ref: "SU-1" }, false)).toMatchObject({ kind: "done", action: "stop", began: EIGHT });
});

test("a home that nobody knows is asked about once, and never again", async () => {
  await told();
  const agent = await phone.open();
  const answer = asked(await agent.tap(seen("t-9"), false));
  expect(answer.question).toEqual({ kind: "unknown home", at: EIGHT, ref: "t-9" });
  expect(await agent.rows()).toHaveLength(0);
  expect(await answer.confirm()).toMatchObject({ kind: "done", action: "start", called: "t-9" });
  phone.clock.pass(30 * MINUTE);
  await agent.tap(seen("t-9"), false);
  phone.clock.pass(8 * HOUR);
  expect(await agent.tap(seen("t-9"), false)).toMatchObject({ kind: "done", action: "start" });
});

test("with a link the office is asked first whose home it is", async () => {
  await told();
  vi.stubGlobal("navigator", { onLine: true });
  phone.office.reachable = true;
  phone.office.mine = { ...phone.office.mine, homes: [...homes, { tag: "t-9", service_user: "SU-9", called: "N. N." }] };
  const agent = await phone.open();

  expect(await agent.tap(seen("t-9"), false)).toMatchObject({ kind: "done", called: onOneLine("N. N.") });
  expect(phone.office.claims.at(-1)).toMatchObject({ type: "calltime.mine.v1", tags: ["t-9"] });
  // The office told the time, too, after the tap: the boot record holds it, and places the tap.
  expect(said(await agent.rows()).map(({ type, data }) => [type, data.clock.sync])).toEqual([
    ["calltime.boot.v1", "ntp"],
    ["calltime.tap.v1", "rtc"],
  ]);
});

test("a plan elsewhere about now is asked about, where nothing is planned here", async () => {
  const at = (ms: number): string => new Date(EIGHT + ms).toISOString();
  await told([{ visit: "v-2", service_user: "SU-2", start: at(5 * MINUTE), minutes: 30 }]);
  const answer = asked(await (await phone.open()).tap(seen("t-1"), false));
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
  const agent = await phone.open();
  for (const _ of ["start", "stop"]) {
    expect(await agent.tap(seen("t-1"), false)).toMatchObject({ kind: "done" });
    phone.clock.pass(30 * MINUTE);
  }
  phone.clock.pass(DAY - HOUR);
  const answer = asked(await agent.tap(seen("t-1"), true));
  expect(answer.question).toMatchObject({ kind: "another home", planned: onOneLine("A. B.") });
  expect(await answer.confirm()).toMatchObject({ kind: "done", action: "waiting" });
  phone.clock.pass(4 * MINUTE);
  expect(await agent.tap(seen("t-1"), false)).toMatchObject({ kind: "done", action: "start" });
});

test("where both are planned it is not", async () => {
  const at = (ms: number): string => new Date(EIGHT + ms).toISOString();
  await told([
    { visit: "v-2", service_user: "SU-2", start: at(5 * MINUTE), minutes: 30 },
    { visit: "v-1", service_user: "SU-1", start: at(-40 * MINUTE), minutes: 30 },
  ]);
  expect(await (await phone.open()).tap(seen("t-1"), false)).toMatchObject({ kind: "done", action: "start" });
});

test("before the office was ever asked, nothing is", async () => {
  expect(await (await phone.open()).tap(seen("t-1"), false)).toMatchObject({ kind: "done" });
});
