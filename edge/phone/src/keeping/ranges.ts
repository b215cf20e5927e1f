/** Which of the door's numbers does the office still wait for? All but the settled ones: a few ranges, however many numbers they hold. */

/** By the word of the office. */
export type State = "stored" | "beyond a gap" | "quarantined";

/** Numbers from `first` to `last`, both included, that need not be sent, and why. */
export interface Range {
  readonly first: number;
  readonly last: number;
  readonly state: State;
}

/** Ascending, no number twice, and neighbours of one state are one range. */
export type Settled = readonly Range[];

/** Say up to which number everything is stored; 0: nothing. */
export function storedThrough(settled: Settled): number {
  const [first] = settled;
  return first?.first === 1 && first.state === "stored" ? first.last : 0;
}

/** Settle everything up to a number as stored, whatever was thought of it before. */
export function storeThrough(settled: Settled, number: number): Settled {
  if (number === 0) return settled;
  const beyond = settled.filter((each) => each.last > number).map((each) => ({ ...each, first: Math.max(each.first, number + 1) }));
  return joined([{ first: 1, last: number, state: "stored" }, ...beyond]);
}

/** Settle what of a range was open; what was settled before stays as it is. */
export function settle(settled: Settled, { first, last, state }: Range): Settled {
  return joined([...settled, ...openBetween(settled, first, last).map(([from, to]) => ({ first: from, last: to, state }))]);
}

/** List the ranges within `first` and `last`, both included, that are not settled. */
export function openBetween(settled: Settled, first: number, last: number): (readonly [number, number])[] {
  const open: (readonly [number, number])[] = [];
  let from = first;
  for (const each of settled) {
    if (each.last < from) continue;
    if (each.first > last) break;
    if (each.first > from) open.push([from, each.first - 1]);
    from = each.last + 1;
  }
  if (from <= last) open.push([from, last]);
  return open;
}

/** Count the numbers up to one, included, that are not settled. */
export function countOpen(settled: Settled, through: number): number {
  return openBetween(settled, 1, through).reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** Count the numbers of one state. */
export function countOf(settled: Settled, state: State): number {
  return settled.filter((each) => each.state === state).reduce((sum, each) => sum + each.last - each.first + 1, 0);
}

/** Say what has become of a number. */
export function stateOf(settled: Settled, number: number): State | "waiting" {
  return settled.find((each) => each.first <= number && number <= each.last)?.state ?? "waiting";
}

function joined(ranges: readonly Range[]): Settled {
  const all: Range[] = [];
  for (const each of [...ranges].sort((one, other) => one.first - other.first)) {
    const before = all.at(-1);
    if (before?.state === each.state && before.last + 1 === each.first) all[all.length - 1] = { ...before, last: each.last };
    else all.push(each);
  }
  return all;
}
