/**
 * Must the record learn anew how the time stands to the up-time? The same question, and the same answer, as edge/calltime_edge/anchoring.py
 * has: a boot or clock record ties the two together, and another one is worth its place when the tie is new, broke, or can be made much closer.
 */

import { DRIFT_PPM, type Reading } from "./clock";

/** A closer tie is worth a record from here on. */
const LOOSE_MS = 10_000;

/** Say whether a clock record should be written. `anchor` is what the record has of this boot, null when it has nothing. */
export function worthRecording(anchor: Reading | null, reading: Reading): boolean {
  if (reading.sync === "none") return false; // there is nothing to say: what the record has is better than this
  if (anchor === null) return true;
  const since = reading.up_ms - anchor.up_ms;
  if (since < 0) return false;
  const byNow = anchor.error_ms + Math.ceil((since * DRIFT_PPM) / 1_000_000);
  const setBy = reading.now - anchor.now - since;
  if (Math.abs(setBy) > byNow + reading.error_ms) return true;
  return byNow > LOOSE_MS && byNow > 4 * reading.error_ms;
}
