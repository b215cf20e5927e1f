/** Which visits does the carer see as hers? What was tapped on this phone, what the office knows of her, and what is planned at her homes. */

import type { Visit } from "./agent";
import { Homes } from "./homes";
import type { Row } from "./keeping/database";
import { type Settled, stateOf } from "./keeping/ranges";
import { dayOf, weekOf } from "./london";
import { type HomeMove, movesIn } from "./moves";
import type { Told } from "./office";

const MINUTE = 60_000;
/** The office may have placed a tap a little elsewhere than the phone has. */
const SAME_START = 10 * MINUTE;
/** So far from the plan a visit is still the planned one, to look at; the office decides what is paid. */
const SAME_VISIT = 120 * MINUTE;
/** A start that is followed by a waiting so soon is no start (docs/wire.md). */
const HELD_ON = 10_000;
/** Who waited longer than that has been away in between. */
const LONGEST_WAIT = 120 * MINUTE;
/** What is planned and not tapped is shown until so long after its end. */
const STILL_SHOWN = 60 * MINUTE;

type Draft = Omit<Visit, "called" | "travelSeconds">;

/** List the visits of the week in which `now` lies, oldest first. */
export function visitsOf(rows: readonly Row[], settled: Settled, told: Told | null, now: number): readonly Visit[] {
  const homes = new Homes(told);
  const visits = (told?.visits ?? []).map(fromOffice);
  for (const local of tapped(movesIn(rows, homes), settled)) add(visits, local);
  for (const { service_user, start, minutes } of told?.planned ?? []) addPlanned(visits, service_user, Date.parse(start), minutes, now);
  const days = new Set(weekOf(now));
  const sorted = visits.sort((one, other) => when(one) - when(other));
  return sorted
    .map((visit, place) => ({ ...visit, called: homes.called(visit.ref), travelSeconds: travel(sorted.slice(0, place), visit) }))
    .filter((visit) => days.has(visit.day));
}

function when(visit: Draft): number {
  return visit.started ?? visit.plannedStart ?? visit.ended ?? Date.parse(`${visit.day}T12:00:00Z`);
}

function fromOffice(visit: Told["visits"][number]): Draft {
  const at = (text: string | null): number | null => (text === null ? null : Date.parse(text));
  return {
    day: visit.day,
    ref: visit.service_user,
    plannedStart: at(visit.planned_start),
    plannedMinutes: visit.planned_minutes,
    started: at(visit.started),
    ended: at(visit.ended),
    waitingSeconds: visit.waiting_seconds,
    safe: true,
  };
}

/** Pair starts and stops of each home. A stop without a start is a visit, too: the office will ask for the start. */
function tapped(moves: readonly HomeMove[], settled: Settled): readonly Draft[] {
  const visits = new Set<Draft>();
  const open = new Map<string, Draft>();
  const waits = new Map<string, number>();
  for (const { whose, action, at, seq } of [...moves].reverse()) {
    const safe = ["stored", "beyond a gap"].includes(stateOf(settled, seq));
    const nothing = { day: dayOf(at), ref: whose, plannedStart: null, plannedMinutes: null, started: null, ended: null, waitingSeconds: 0 };
    const running = open.get(whose);
    if (action === "waiting") {
      if (running?.started != null && at - running.started <= HELD_ON) {
        visits.delete(running);
        open.delete(whose);
      }
      if (!waits.has(whose)) waits.set(whose, at);
      continue;
    }
    open.delete(whose);
    if (action === "start") {
      const waited = at - (waits.get(whose) ?? at);
      waits.delete(whose);
      const begun = { ...nothing, started: at, waitingSeconds: waited <= LONGEST_WAIT ? Math.round(waited / 1000) : 0, safe };
      open.set(whose, begun);
      visits.add(begun);
    } else {
      if (running !== undefined) visits.delete(running);
      visits.add(running === undefined ? { ...nothing, ended: at, safe } : { ...running, ended: at, safe: running.safe && safe });
    }
  }
  return [...visits];
}

/** What was tapped here stands in it whether the office knows it or not, and stands there once. */
function add(visits: Draft[], local: Draft): void {
  const start = local.started;
  const end = local.ended;
  const same = visits.findIndex(
    (each) =>
      each.ref === local.ref &&
      ((start !== null && each.started !== null && Math.abs(each.started - start) <= SAME_START) ||
        (end !== null && each.ended !== null && Math.abs(each.ended - end) <= SAME_START)),
  );
  const known = visits[same];
  if (known !== undefined) {
    visits[same] = { ...known, started: known.started ?? start, ended: known.ended ?? end, safe: local.safe };
    return;
  }
  const planned = nearest(visits, local.ref, start ?? end ?? 0);
  const at = visits[planned];
  if (at === undefined) visits.push(local);
  else visits[planned] = { ...local, plannedStart: at.plannedStart, plannedMinutes: at.plannedMinutes };
}

function addPlanned(visits: Draft[], ref: string, plannedStart: number, plannedMinutes: number, now: number): void {
  if (visits.some((each) => each.ref === ref && each.plannedStart === plannedStart)) return;
  const made = visits.findIndex(
    (each) => each.ref === ref && each.plannedStart === null && Math.abs((each.started ?? each.ended ?? 0) - plannedStart) <= SAME_VISIT,
  );
  const at = visits[made];
  if (at !== undefined) visits[made] = { ...at, plannedStart, plannedMinutes };
  else if (plannedStart + plannedMinutes * MINUTE + STILL_SHOWN >= now)
    visits.push({ day: dayOf(plannedStart), ref, plannedStart, plannedMinutes, started: null, ended: null, waitingSeconds: 0, safe: true });
}

/** The planned visit of a home that nobody has begun and that lies nearest. */
function nearest(visits: readonly Draft[], ref: string, at: number): number {
  let best = -1;
  let apart = SAME_VISIT;
  for (const [place, each] of visits.entries()) {
    if (each.ref !== ref || each.plannedStart === null || each.started !== null || each.ended !== null) continue;
    const far = Math.abs(each.plannedStart - at);
    if (far <= apart) [best, apart] = [place, far];
  }
  return best;
}

/** From the stop before, on the same day, to this start. */
function travel(before: readonly Draft[], visit: Draft): number | null {
  const last = before.filter((each) => each.day === visit.day && each.started !== null).at(-1);
  if (last?.ended == null || visit.started === null || visit.started < last.ended) return null;
  return Math.round((visit.started - last.ended) / 1000);
}
