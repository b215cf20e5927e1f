/**
 * Is it a start, a stop, waiting, or nothing new? The rules and constants of edge/calltime_edge/tapping.py: both are held against
 * tapping.examples.json by their tests.
 */

import { RELEASED, type Reading } from "./clock";
import { dayOf } from "./london";
import type { Action } from "./wire/records";

/** What the carer did last at a home, by the clock and by the up-time of a boot. Not `known`: nobody had set that clock. */
export interface Move {
  readonly action: Action;
  readonly at: number;
  readonly boot: string;
  readonly up_ms: number;
  readonly known: boolean;
}

export interface AlreadyDone {
  readonly already: Action;
  readonly at: number;
}

const SECOND = 1000;
const HOUR = 3600 * SECOND;
/** A second tap this soon, after a start or a stop, may be a slip of the hand: the carer is told that nothing was changed. */
const DEBOUNCE = 60 * SECOND;
/** A start this old was never ended: what comes now is a new start. */
const FORGOTTEN = 16 * HOUR;
/** A start of an earlier day in London is forgotten sooner: the bed call of eight is not ended by the morning call of half past seven. */
const OVERNIGHT = 10 * HOUR;
/** Who waited may be let in the next moment: only a tap sooner than this, after a waiting, may be a slip of the hand. */
const LET_IN_AT_ONCE = 5 * SECOND;

/** Say what a tap now means after the last one of this carer at the same home. `waiting`: she says that she is not let in yet. */
export function nextAction(waiting: boolean, last: Move | null, reading: Reading): Action | AlreadyDone {
  if (last === null) return waiting ? "waiting" : "start";
  const [age, known] = ageOf(last, reading);
  const slip = last.action === "waiting" && !waiting ? LET_IN_AT_ONCE : DEBOUNCE;
  if (known && age < slip && (last.action === "waiting" || !waiting)) return { already: last.action, at: last.at };
  if (waiting) return "waiting";
  return isOpen(last, reading) ? "stop" : "start";
}

/** Whether what was done last was a start that has not been forgotten. */
export function isOpen(last: Move, reading: Reading): boolean {
  const [age, known] = ageOf(last, reading);
  const overnight = known && dayOf(last.at) !== dayOf(reading.now);
  return last.action === "start" && age < (overnight ? OVERNIGHT : FORGOTTEN);
}

/**
 * Say how long ago the last tap was, and whether that is known; if it is not, it was at least so long ago. Within one boot the up-time tells
 * it; across boots the wall clocks, if both knew the time. If not, a start that may be young is taken to be still open.
 */
function ageOf(last: Move, reading: Reading): readonly [number, boolean] {
  if (last.boot === reading.boot) return [reading.up_ms - last.up_ms, true];
  const age = reading.now - last.at;
  if (!last.known || last.at < RELEASED || age < reading.up_ms) return [reading.up_ms, false];
  return [age, reading.sync !== "none"];
}
