/** What does a tap mean, and is there something that only the carer can say before it is recorded? */

import type { Away, Question, Seen } from "./agent";
import type { Reading } from "./clock";
import { Homes } from "./homes";
import type { Row } from "./keeping/database";
import { lastAt, movesIn } from "./moves";
import type { Told } from "./office";
import { isOpen, nextAction } from "./tapping";
import type { Action } from "./wire/records";

export type Decision =
  | { readonly kind: "record"; readonly action: Action; readonly called: string; readonly began: number | null }
  | { readonly kind: "already"; readonly action: Action; readonly called: string; readonly at: number }
  | { readonly kind: "question"; readonly question: Question };

const MINUTE = 60_000;
/** A visit that is planned to begin so soon, or began so lately, is the one that a carer would be at. */
const ABOUT_NOW = 30 * MINUTE;
/** And one so near is reason enough to be at this home. */
const NEAR = 120 * MINUTE;

/**
 * Decide. `asked`: the questions that she has answered with yes. The plan names no carer, so that nothing is planned here now is asked about
 * only where something else is. A tag that was tapped on this phone before is one of her homes, whether the office knows it or not; that she
 * is planned elsewhere is asked about there, too, but not again when she was let in after waiting.
 */
export function decide(
  seen: Seen | Away,
  waiting: boolean,
  { log, told, reading, asked }: { log: readonly Row[]; told: Told | null; reading: Reading; asked: ReadonlySet<Question["kind"]> },
): Decision {
  const homes = new Homes(told);
  const moves = movesIn(log, homes);
  const whose = homes.whose(seen);
  const called = homes.called(whose);
  const last = lastAt(moves, whose);
  const action = nextAction(waiting, last, reading);
  if (typeof action !== "string") return { kind: "already", action: action.already, called, at: action.at };
  const record = { kind: "record", action, called, began: null } as const;
  if (action === "stop") return { ...record, began: last?.at ?? null };
  const at = reading.now;
  const newest = moves[0];
  if (newest !== undefined && newest.whose !== whose && isOpen(newest, reading) && !asked.has("open elsewhere"))
    return { kind: "question", question: { kind: "open elsewhere", at, called, elsewhere: homes.called(newest.whose), since: newest.at } };
  if (told === null || seen.via === "away") return record;
  if (last === null && !homes.knows(seen.ref)) {
    if (asked.has("unknown home")) return record;
    return { kind: "question", question: { kind: "unknown home", at, ref: seen.ref } };
  }
  const letIn = last?.action === "waiting" && at - last.at < NEAR;
  const elsewhere = letIn ? null : plannedElsewhere(told, whose, at);
  if (elsewhere === null || asked.has("another home")) return record;
  const planned = homes.called(elsewhere.whose);
  return { kind: "question", question: { kind: "another home", at, called, planned, plannedStart: elsewhere.start } };
}

function plannedElsewhere(told: Told, whose: string, at: number): { readonly whose: string; readonly start: number } | null {
  const plan = told.planned.map(({ service_user, start, minutes }) => ({
    whose: service_user,
    start: Date.parse(start),
    end: Date.parse(start) + minutes * MINUTE,
  }));
  if (plan.some((each) => each.whose === whose && each.start - NEAR <= at && at <= each.end + NEAR)) return null;
  const near = plan.filter((each) => each.whose !== whose && Math.abs(each.start - at) <= ABOUT_NOW);
  return near.sort((one, other) => Math.abs(one.start - at) - Math.abs(other.start - at))[0] ?? null;
}
