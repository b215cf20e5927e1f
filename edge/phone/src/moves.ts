/** What has the carer done lately, and at whose home? From the records that are on the phone, placed in time as well as they can be. */

import type { Reading } from "./clock";
import { DRIFT_PPM } from "./clock";
import type { Homes } from "./homes";
import type { Row } from "./keeping/database";
import { isOpen, type Move } from "./tapping";

export interface HomeMove extends Move {
  readonly seq: number;
  readonly ref: string;
  readonly whose: string;
}

/** List what was tapped, newest first. A boot or clock record of the same boot places a tap whose clock nobody had set. */
export function movesIn(rows: readonly Row[], homes: Homes): readonly HomeMove[] {
  const ties = rows.filter((row) => row.tap === null && row.clock.sync !== "none");
  return rows
    .flatMap((row) => {
      if (row.tap === null) return [];
      const { action, ref } = row.tap;
      const { boot, up_ms } = row.clock;
      const placed = place(row, ties);
      return [{ seq: row.seq, action, ref, whose: homes.whose(row.tap), boot, up_ms, at: placed.at, known: placed.known }];
    })
    .sort((one, other) => other.seq - one.seq);
}

/** As the office does it (docs/wire.md): the tie with the smallest error at the tap counts, where it is closer than the tap itself. */
function place(row: Row, ties: readonly Row[]): { readonly at: number; readonly known: boolean } {
  let best = { at: row.at, known: row.clock.sync !== "none", error: row.clock.error_ms };
  for (const { at, clock } of ties) {
    if (clock.boot !== row.clock.boot) continue;
    const apart = clock.up_ms - row.clock.up_ms;
    const error = clock.error_ms + (Math.abs(apart) * DRIFT_PPM) / 1_000_000;
    if (!best.known || error < best.error) best = { at: at - apart, known: true, error };
  }
  return best;
}

/** Find what was done last at a home. */
export function lastAt(moves: readonly HomeMove[], whose: string): HomeMove | null {
  return moves.find((move) => move.whose === whose) ?? null;
}

/** Find the latest visit that has started and not ended. */
export function openVisit(moves: readonly HomeMove[], reading: Reading): HomeMove | null {
  return moves.find((move) => move.action === "start" && lastAt(moves, move.whose) === move && isOpen(move, reading)) ?? null;
}
