import { beforeEach, expect, test } from "vitest";
import type { Row } from "./keeping/database";
import type { Settled } from "./keeping/ranges";
import { type Told, told } from "./office";
import { EIGHT, HOUR, MINUTE } from "./trying/phone_parts";
import { visitsOf } from "./visits";
import type { Action, Sync } from "./wire/records";

const at = (ms: number): string => new Date(EIGHT + ms).toISOString();
const homes = [
  { tag: "t-1", service_user: "SU-1", called: "M. J." },
  { tag: "t-2", service_user: "SU-2", called: "A. B." },
];

let rows: Row[];
beforeEach(() => {
  rows = [];
});

function tap(ref: string, action: Action, ms: number, sync: Sync = "ntp"): void {
  const clock = { boot: "b", up_ms: ms + HOUR, sync, error_ms: sync === "ntp" ? 1000 : 300_000 };
  rows.push({ seq: rows.length + 1, digest: "", jws: "", at: EIGHT + ms, clock, tap: { action, via: "nfc", ref } });
}

function office(more: Partial<Record<"planned" | "visits", readonly unknown[]>> = {}): Told {
  return told({ now: at(0), carer: "C-017", language: "en", position: false, homes, planned: [], visits: [], ...more });
}

const visit = (more: object): object => ({
  service_user: "SU-1",
  day: "2026-04-07",
  planned_start: null,
  planned_minutes: null,
  started: null,
  ended: null,
  waiting_seconds: 0,
  contact_seconds: 0,
  ...more,
});
const stored = (through: number): Settled => [{ first: 1, last: through, state: "stored" }];

test("what was tapped stands there before the office knows of it, and is not safe yet", () => {
  tap("t-1", "start", 0);
  tap("t-1", "stop", 30 * MINUTE);
  tap("t-2", "start", 45 * MINUTE);

  expect(visitsOf(rows, stored(2), office(), EIGHT + HOUR)).toMatchObject([
    { called: "M.\u00a0J.", ref: "SU-1", day: "2026-04-07", started: EIGHT, ended: EIGHT + 30 * MINUTE, travelSeconds: null, safe: true },
    { called: "A.\u00a0B.", started: EIGHT + 45 * MINUTE, ended: null, travelSeconds: 900, safe: false },
  ]);
});

test("a visit that the office knows stands there once, with what either knows of it", () => {
  tap("t-1", "start", 0);
  tap("t-1", "stop", 30 * MINUTE);
  const known = visit({ planned_start: at(-5 * MINUTE), planned_minutes: 30, started: at(2000), waiting_seconds: 120 });

  expect(visitsOf(rows, stored(1), office({ visits: [known] }), EIGHT + HOUR)).toMatchObject([
    { started: EIGHT + 2000, ended: EIGHT + 30 * MINUTE, plannedMinutes: 30, waitingSeconds: 120, safe: false },
  ]);
});

test("a tap takes the planned visit of its home that lies nearest", () => {
  tap("t-1", "start", 10 * MINUTE);
  const planned = [0, 4 * HOUR].map((ms) => ({ visit: `v${ms}`, service_user: "SU-1", start: at(ms), minutes: 30 }));

  expect(visitsOf(rows, [], office({ planned }), EIGHT + 20 * MINUTE)).toMatchObject([
    { started: EIGHT + 10 * MINUTE, plannedStart: EIGHT },
    { started: null, plannedStart: EIGHT + 4 * HOUR, plannedMinutes: 30, safe: true },
  ]);
});

test("what was planned and made by somebody else is shown no more when it is long past", () => {
  const planned = [{ visit: "v", service_user: "SU-1", start: at(-3 * HOUR), minutes: 30 }];

  expect(visitsOf(rows, [], office({ planned }), EIGHT)).toEqual([]);
});

test("who waited and was let in has waited; a start that she held on to is none", () => {
  tap("t-1", "start", 0);
  tap("t-1", "waiting", 3000);
  tap("t-1", "start", 7 * MINUTE);

  expect(visitsOf(rows, [], office(), EIGHT + HOUR)).toMatchObject([{ started: EIGHT + 7 * MINUTE, waitingSeconds: 417 }]);
});

test("a stop without a start is a visit, too", () => {
  tap("t-1", "start", -20 * HOUR);
  tap("t-1", "start", 0);
  tap("t-1", "stop", 20 * MINUTE);
  tap("t-2", "stop", 30 * MINUTE);

  expect(visitsOf(rows, [], office(), EIGHT + HOUR)).toMatchObject([
    { day: "2026-04-06", started: EIGHT - 20 * HOUR, ended: null },
    { started: EIGHT, ended: EIGHT + 20 * MINUTE },
    { called: "A.\u00a0B.", started: null, ended: EIGHT + 30 * MINUTE },
  ]);
});

test("only this week is shown, and a visit of the office without times stands on its day", () => {
  const visits = [visit({ day: "2026-04-05" }), visit({ day: "2026-04-06" }), visit({ day: "2026-04-08", started: at(24 * HOUR) })];

  expect(visitsOf(rows, [], office({ visits }), EIGHT).map(({ day }) => day)).toEqual(["2026-04-06", "2026-04-08"]);
});

test("travel is counted from the stop before, on the same day", () => {
  const visits = [
    visit({ day: "2026-04-06", started: at(-24 * HOUR), ended: at(-23 * HOUR) }),
    visit({ started: at(0), ended: at(HOUR) }),
    visit({ service_user: "SU-2", started: at(90 * MINUTE), ended: at(2 * HOUR) }),
    visit({ service_user: "SU-3", planned_start: at(3 * HOUR), planned_minutes: 15 }),
  ];

  expect(visitsOf(rows, [], office({ visits }), EIGHT).map(({ travelSeconds }) => travelSeconds)).toEqual([null, null, 1800, null]);
});

test("a phone that has never reached the office shows what was tapped, by the tag", () => {
  tap("t-1", "start", 0, "rtc");

  expect(visitsOf(rows, [], null, EIGHT)).toMatchObject([{ called: "t-1", ref: "t-1", started: EIGHT }]);
});
