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
  /** Whether the page has come to be seen since it last had, or asked for, the turn: then it does not wait for a page that may be frozen. */
  #cameToBeSeen = true;
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

  /** Something was kept by another page: news to send, or another door that this phone has become. Throws Broken. */
  async changed(): Promise<void> {
    const device = (await this.#parts.keeping.get("enrolment"))?.device ?? null;
    if (this.#publisher !== null && this.#publisher.device !== device) this.anew();
    else this.nudge();
  }

  /** Somebody sees the page now, or nobody any more. */
  see(seen: boolean): void {
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#cameToBeSeen = seen;
      this.anew();
    } else if (seen) this.hurry();
  }

  async #work(): Promise<void> {
    const { locks } = this.#parts;
    while (!this.#ended) {
      this.#turn = new AbortController();
      const { signal } = this.#turn;
      try {
        // Once only: two pages that are both seen would take the turn from one another for ever.
        const steal = this.#seen && this.#cameToBeSeen;
        this.#cameToBeSeen = false;
        if (this.#seen || (await this.#parts.outbox.counts()).waiting > 0) {
          if ((await inTurn(locks, signal, (turn) => this.#send(turn), { steal })) === "taken away") continue;
        }
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
