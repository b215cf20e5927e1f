/** How does a door say how it is? A small retained message without personal data; the broker speaks it for a door that fell silent. */

import type { Sync } from "./records";

/** `waiting` counts the records without a receipt. A phone has no readers that could be gone. */
export interface Status {
  readonly online: boolean;
  readonly software: string;
  readonly waiting: number;
  readonly clock: Sync;
}

export function encode(status: Status): string {
  const { online, software, waiting, clock } = status;
  return JSON.stringify({ type: "calltime.status.v1", online, software, waiting, clock, readers: {} });
}
