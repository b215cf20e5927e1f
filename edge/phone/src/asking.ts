/** What does the phone learn from the office, and keep? Where the brokers are, what time it is, and what its carer is to know. */

import type { PhoneClock } from "./clock";
import { Homes } from "./homes";
import type { Keeping } from "./keeping/database";
import type { Outbox } from "./keeping/outbox";
import { type Office, Refused, type Told, told } from "./office";
import { clockWorth, follow } from "./recording";
import type { Signer } from "./wire/jws";

/** The office takes so many tags at once. */
const TAGS_AT_MOST = 8;

export class Asking {
  readonly #office: Office;
  readonly #keeping: Keeping;
  readonly #outbox: Outbox;
  readonly #clock: PhoneClock;

  constructor(office: Office, keeping: Keeping, outbox: Outbox, clock: PhoneClock) {
    this.#office = office;
    this.#keeping = keeping;
    this.#outbox = outbox;
    this.#clock = clock;
  }

  /** Ask where the brokers are; say whether that has changed. Throws NoAnswer or Refused, NoRoom or Broken. */
  async brokers(): Promise<boolean> {
    const brokers = await this.#office.brokers();
    const before = await this.#keeping.get("brokers");
    if (JSON.stringify(brokers) === JSON.stringify(before)) return false;
    await this.#keeping.set({ brokers });
    return true;
  }

  /** Ask what time it is, and write a clock record where earlier ones gain by it; returns a nonce. Throws as `brokers` does. */
  async time(signer: Signer): Promise<string> {
    const answered = this.#clock.asking();
    const { now, nonce } = await this.#office.time();
    const comparison = answered(now);
    if (comparison !== null) {
      await this.#keeping.set({ comparison, latest: this.#clock.latest });
      const reading = this.#clock.read();
      await this.#outbox.append(async (head) => ({
        rows: await follow(head, clockWorth(head, reading), signer),
        latest: this.#clock.latest,
        answer: undefined,
      }));
    }
    return nonce;
  }

  /** Ask what the carer is to know. `tags`: seen just now. That the office has revoked this door is noted. Throws as `brokers` does. */
  async mine(signer: Signer, nonce: string, tags: readonly string[] = []): Promise<Told> {
    const asked = [...new Set([...tags, ...(await this.#unknownTags())])].slice(0, TAGS_AT_MOST);
    try {
      const answer = await this.#office.mine(nonce, asked, signer);
      await this.#keeping.set({ mine: { asOf: this.#clock.read().now, answer }, revoked: undefined }, signer.device);
      return told(answer);
    } catch (error) {
      const revoked = error instanceof Refused && error.kind === "revoked-door";
      if (revoked) await this.#keeping.set({ revoked: this.#clock.read().now }, signer.device);
      throw error;
    }
  }

  /** What was kept of the last answer; null when there is none, or when it is of another shape than today's. */
  async kept(): Promise<{ readonly asOf: number; readonly told: Told } | null> {
    const mine = await this.#keeping.get("mine");
    if (mine === undefined) return null;
    try {
      return { asOf: mine.asOf, told: told(mine.answer) };
    } catch {
      return null;
    }
  }

  async #unknownTags(): Promise<readonly string[]> {
    const homes = new Homes((await this.kept())?.told ?? null);
    const { log } = await this.#outbox.head();
    return log.flatMap(({ tap }) => (tap !== null && tap.via !== "away" && !homes.knows(tap.ref) ? [tap.ref] : []));
  }
}
