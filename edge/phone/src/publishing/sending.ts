/** When does a page send? While it is seen it stays connected; while it is not, until nothing waits. */

import type { Keeping } from "../keeping/database";
import type { Outbox } from "../keeping/outbox";
import type { Connect } from "../link/broker_link";
import { Bell } from "./bell";
import { type Calling, Publisher } from "./publisher";
import { inTurn } from "./turn";
import type { Patience } from "./window";

const AFTER_A_FAULT_MS = 5000;

interface Parts {
  readonly keeping: Keeping;
  readonly outbox: Outbox;
  readonly connect: Connect;
  readonly locks: LockManager | undefined;
  readonly patience?: Patience;
  /** As whom to call; null while there is nothing to call with. */
  calling(): Promise<Calling | null>;
}

export class Sending {
  readonly #parts: Parts;
  readonly #bell = new Bell();
  #turn = new AbortController();
  #publisher: Publisher | null = null;
  #seen = true;
  #ended = false;
  #working: Promise<void> | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get online(): boolean {
    return this.#publisher?.online ?? false;
  }

  open(): void {
    this.#working ??= this.#work();
  }

  /** End, and say goodbye to the broker. */
  async close(): Promise<void> {
    this.#ended = true;
    this.anew();
    await this.#working;
  }

  /** There is something new to send. */
  nudge(): void {
    this.#publisher?.nudge();
    this.#bell.ring();
  }

  /** The way may be open again. */
  hurry(): void {
    this.#publisher?.hurry();
    this.#bell.ring();
  }

  /** Begin anew: whom to call may have changed. */
  anew(): void {
    this.#turn.abort();
    this.#bell.ring();
  }

  /** Somebody sees the page now, or nobody any more. */
  see(seen: boolean): void {
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.anew();
    } else if (seen) this.hurry();
  }

  async #work(): Promise<void> {
    const { locks } = this.#parts;
    while (!this.#ended) {
      this.#turn = new AbortController();
      const { signal } = this.#turn;
      try {
        if (this.#seen || (await this.#parts.outbox.counts()).waiting > 0) await inTurn(locks, signal, () => this.#send(signal));
        if (!signal.aborted) await this.#bell.wait(Number.POSITIVE_INFINITY);
      } catch {
        // The browser's storage does not answer. The pages say so at the next tap; here it is tried again.
        await this.#bell.wait(AFTER_A_FAULT_MS);
      }
    }
  }

  async #send(signal: AbortSignal): Promise<void> {
    const { keeping, outbox, connect, patience } = this.#parts;
    const calling = await this.#parts.calling();
    if (calling === null) return;
    this.#publisher = new Publisher(calling, keeping, outbox, connect, patience);
    try {
      await this.#publisher.run(signal, { untilSent: !this.#seen });
    } finally {
      this.#publisher = null;
    }
  }
}
