/** Which records are under way, and when are they sent again? What no receipt covers in time goes once more; so many at once and no more. */

import type { Row } from "../keeping/database";
import type { Outbox } from "../keeping/outbox";

export interface Patience {
  /** Milliseconds to wait for a receipt before records are sent again; about doubles as long as none comes, up to `longest`. */
  readonly receipt: number;
  /** Between two rounds of calls; doubles likewise. */
  readonly reconnect: number;
  readonly longest: number;
  /** What a broker has to let a phone in. */
  readonly answer: number;
  /** What it has to take a message: longer, and the line is dead. */
  readonly acknowledgement: number;
}

export const PATIENCE: Patience = { receipt: 10_000, reconnect: 1000, longest: 300_000, answer: 8000, acknowledgement: 20_000 };
/** Records under way at once, at most. */
export const WINDOW = 20;

/** What was sent over one connection. Time is handed in, in milliseconds of one monotonic clock. */
export class Window {
  readonly #outbox: Outbox;
  readonly #device: string;
  readonly #patience: Patience;
  #waitFor: number;
  #sent = 0;
  #since = 0;
  underWay = 0;
  /** Whether it was all sent for nothing since a receipt covered some. */
  inVain = false;

  /** `waitFor`: what the patience has come to already, at another broker where all of it was sent in vain. */
  constructor(outbox: Outbox, device: string, patience: Patience, waitFor: number | null) {
    this.#outbox = outbox;
    this.#device = device;
    this.#patience = patience;
    this.#waitFor = waitFor ?? patience.receipt;
    this.inVain = waitFor !== null;
  }

  /** Take the next records to send, in order. */
  async take(now: number, atMost: number): Promise<readonly Row[]> {
    const room = Math.min(WINDOW - this.underWay, atMost);
    if (room <= 0) return [];
    const rows = await this.#outbox.waiting(this.#sent, room, this.#device);
    const last = rows.at(-1);
    if (last !== undefined) {
      if (this.underWay === 0) this.#since = now;
      this.#sent = last.seq;
      this.underWay += rows.length;
    }
    return rows;
  }

  /** Look what a receipt has left under way. One that covers nothing new buys no patience. */
  async receipted(now: number): Promise<void> {
    const { waiting } = await this.#outbox.counts(this.#sent);
    if (waiting < this.underWay) {
      this.#since = now;
      this.#waitFor = this.#patience.receipt;
      this.inVain = false;
    }
    this.underWay = waiting;
  }

  /** Say in how many milliseconds a receipt is overdue; null when none is expected. */
  overdueIn(now: number): number | null {
    return this.underWay > 0 ? Math.max(0, this.#since + this.#waitFor - now) : null;
  }

  /** Send everything once more, and wait longer than the last time. */
  startAgain(now: number): void {
    this.#sent = this.underWay = 0;
    this.#since = now;
    this.#waitFor = this.longer();
    this.inVain = true;
  }

  /** Say how long to wait the next time, when no receipt came this time either. */
  longer(): number {
    return Math.min(this.#waitFor * (1.5 + Math.random()), this.#patience.longest);
  }
}
