/** What does the phone do with what is seen? The agent that the pages know. */

import type { Agent, Answer, Away, Enrolled, Mine, Question, Seen, State, Trouble } from "./agent";
import { Asking } from "./asking";
import { askPersist } from "./browser/persisting";
import { whereAmI } from "./browser/position";
import type { PhoneClock, Reading } from "./clock";
import { decide } from "./deciding";
import { enrol } from "./enrolling";
import { Homes } from "./homes";
import { Broken, type Keeping, NoRoom } from "./keeping/database";
import type { Outbox } from "./keeping/outbox";
import { NoAnswer, type Office, Refused, type Told } from "./office";
import type { Sending } from "./publishing/sending";
import { follow, withBoot } from "./recording";
import { stateOf, whyNothing } from "./standing";
import { visitsOf } from "./visits";
import type { Signer } from "./wire/jws";
import { signerOf } from "./wire/keys";

export interface PhoneParts {
  readonly keeping: Keeping;
  readonly outbox: Outbox;
  readonly clock: PhoneClock;
  readonly office: Office;
  readonly sending: Sending;
  /** Tell other pages and the service worker that something was kept. */
  tell(): void;
  /** Have the browser send what waits when it can, also without this page. */
  sendLater(): void;
}

/** A tag that nobody knows is asked about at the office for so long, before the carer is. */
const ASK_OFFICE_MS = 1000;
/** What the office told so lately is still new. */
const ASKED_LATELY_MS = 30 * 60_000;
/** A refresh waits so long for receipts. */
const RECEIPTS_WITHIN_MS = 5000;
const REFERENCE = /^[A-Za-z0-9_.:-]{1,64}$/;
const PROOF = /^[!-~]{1,1024}$/;

export class PhoneAgent implements Agent {
  readonly #parts: PhoneParts;
  readonly #asking: Asking;
  readonly #listeners = new Set<(state: State) => void>();
  #signer: Signer | null = null;
  #broke: Trouble | null = null;
  #telling: Promise<void> = Promise.resolve();

  constructor(parts: PhoneParts) {
    this.#parts = parts;
    this.#asking = new Asking(parts.office, parts.keeping, parts.outbox, parts.clock);
  }

  watch(listener: (state: State) => void): () => void {
    this.#listeners.add(listener);
    void this.#state().then((state) => this.#listeners.has(listener) && listener(state));
    return () => this.#listeners.delete(listener);
  }

  #state(): Promise<State> {
    return stateOf({ ...this.#parts, asking: this.#asking }, this.#broke);
  }

  /** Something has changed, here or in another page: tell who watches. */
  changed(): void {
    this.#telling = this.#telling
      .catch(() => undefined)
      .then(async () => {
        const state = await this.#state();
        for (const listener of this.#listeners) listener(state);
      });
  }

  /** The page was opened, or is looked at again: ask the office what is new, where that was long ago. */
  async wake(): Promise<void> {
    const { keeping, clock } = this.#parts;
    await this.#tried(async (signer) => {
      const asOf = (await this.#asking.kept())?.asOf ?? 0;
      if (Math.abs(clock.read().now - asOf) < ASKED_LATELY_MS && (await keeping.get("brokers"))?.length) return;
      await this.#askAll(signer);
    });
    this.#noted();
  }

  async #askAll(signer: Signer): Promise<void> {
    if (await this.#asking.brokers()) this.#parts.sending.anew();
    await this.#asking.mine(signer, await this.#asking.time(signer));
  }

  async enrol(code: string): Promise<Enrolled> {
    const enrolled = await enrol(code, this.#parts.keeping, this.#parts.office);
    if (!enrolled.ok) return enrolled;
    await askPersist();
    this.#noted();
    await this.refresh();
    return enrolled;
  }

  async tap(seen: Seen | Away, waiting: boolean): Promise<Answer> {
    const reading = this.#parts.clock.read();
    const proof = seen.via === "away" ? null : seen.proof;
    if (!REFERENCE.test(seen.ref) || (proof !== null && !PROOF.test(proof))) return { kind: "trouble", trouble: "not a tag" };
    return await this.#tap(seen, waiting || (seen.via !== "away" && seen.waiting), reading, new Set());
  }

  /** `asked`: what she has been asked, and answered with yes. What is recorded is the moment of `reading`, when she tapped. */
  async #tap(seen: Seen | Away, waiting: boolean, reading: Reading, asked: ReadonlySet<Question["kind"]>): Promise<Answer> {
    const { keeping, outbox, clock } = this.#parts;
    try {
      const trouble = await whyNothing(keeping);
      if (trouble !== null) return { kind: "trouble", trouble };
      const [signer, carer] = [await this.#key(), (await keeping.get("enrolment"))?.carer ?? ""];
      const told = asked.size > 0 ? await this.#told() : await this.#toldOf(seen, signer);
      const mayTellWhere = (await keeping.get("settings"))?.position ?? told?.position;
      const position = mayTellWhere ? await whereAmI() : null;
      const answer = await outbox.append<Answer>(async (head) => {
        const decision = decide(seen, waiting, { log: head.log, told, reading, asked });
        if (decision.kind === "question")
          return { rows: [], latest: clock.latest, answer: this.#ask(decision.question, seen, waiting, reading, asked) };
        if (decision.kind === "already") return { rows: [], latest: clock.latest, answer: decision };
        const { action, called, began } = decision;
        const place = { via: seen.via, ref: seen.ref, ...(seen.via !== "away" && seen.proof !== null && { proof: seen.proof }) };
        const carerSeen = { via: "device", ref: carer } as const;
        const tap = { kind: "tap", reading, action, place, carer: carerSeen, position } as const;
        const rows = await follow(head, withBoot(head, tap, clock.read()), signer);
        const sure = reading.sync === "none" ? "unsure" : "sure";
        return { rows, latest: clock.latest, answer: { kind: "done", action, called, at: reading.now, began, clock: sure } };
      });
      if (answer.kind === "done") this.#recorded();
      return answer;
    } catch (error) {
      return this.#troubled(error);
    }
  }

  #ask(question: Question, seen: Seen | Away, waiting: boolean, reading: Reading, asked: ReadonlySet<Question["kind"]>): Answer {
    return { kind: "question", question, confirm: () => this.#tap(seen, waiting, reading, new Set([...asked, question.kind])) };
  }

  #recorded(): void {
    this.#broke = null;
    this.#parts.sending.nudge();
    this.#parts.sendLater();
    this.#noted();
    // The earlier this boot learns the time, the less is guessed if the phone goes to sleep.
    if (this.#parts.clock.read().sync !== "ntp") void this.#learnTime();
  }

  async #learnTime(): Promise<void> {
    await this.#tried((signer) => this.#asking.time(signer));
    this.#parts.sending.nudge();
    this.#noted();
  }

  #noted(): void {
    this.changed();
    this.#parts.tell();
  }

  #troubled(error: unknown): Answer {
    if (!(error instanceof NoRoom || error instanceof Broken)) throw error;
    this.#broke = error instanceof NoRoom ? "storage full" : "storage broken";
    this.changed();
    return { kind: "trouble", trouble: this.#broke };
  }

  async #told(): Promise<Told | null> {
    return (await this.#asking.kept())?.told ?? null;
  }

  /** What is known of the homes; of a tag that is not among them the office is asked first, where it answers at once. */
  async #toldOf(seen: Seen | Away, signer: Signer): Promise<Told | null> {
    const kept = await this.#told();
    if (seen.via === "away" || kept === null || new Homes(kept).knows(seen.ref) || !navigator.onLine) return kept;
    const asked = this.#asking
      .time(signer)
      .then((nonce) => this.#asking.mine(signer, nonce, [seen.ref]))
      .catch(() => kept);
    const late = new Promise<Told | null>((give) => setTimeout(give, ASK_OFFICE_MS, kept));
    return await Promise.race([asked, late]);
  }

  async mine(): Promise<Mine> {
    const [kept, { rows, settled }] = await Promise.all([this.#asking.kept(), this.#parts.outbox.log()]);
    const visits = visitsOf(rows, settled, kept?.told ?? null, this.#parts.clock.read().now);
    return { asOf: kept?.asOf ?? null, visits };
  }

  async people(): Promise<readonly { readonly ref: string; readonly called: string }[]> {
    return new Homes(await this.#told()).people();
  }

  async refresh(): Promise<void> {
    const { sending, outbox } = this.#parts;
    await this.#tried((signer) => this.#askAll(signer));
    this.#noted();
    sending.hurry();
    const until = performance.now() + RECEIPTS_WITHIN_MS;
    const waits = async (): Promise<boolean> => (await outbox.counts()).waiting > 0;
    while (navigator.onLine && performance.now() < until && (await waits().catch(() => false)))
      await new Promise((go) => setTimeout(go, 100));
  }

  async leave(evenSo: boolean): Promise<boolean> {
    const { outbox, sending } = this.#parts;
    if (!(await outbox.wipe(evenSo))) return false;
    this.#signer = null;
    this.#broke = null;
    sending.anew();
    this.#noted();
    return true;
  }

  /** Ask the office something; that it does not answer is normal. */
  async #tried(ask: (signer: Signer) => Promise<unknown>): Promise<void> {
    try {
      if ((await this.#parts.keeping.get("enrolment")) !== undefined) await ask(await this.#key());
    } catch (error) {
      if (error instanceof NoRoom || error instanceof Broken) this.#troubled(error);
      else if (!(error instanceof NoAnswer || error instanceof Refused)) throw error;
    }
  }

  async #key(): Promise<Signer> {
    const key = await this.#parts.keeping.get("key");
    if (key === undefined) throw new Broken("The key of this phone is gone.");
    if (this.#signer === null || this.#signer.publicKey.join() !== key.publicKey.join()) this.#signer = await signerOf(key);
    return this.#signer;
  }
}
