/** A phone with its clock, its office and its broker at hand. The app is opened on it, in one page or in several, and works as on a real one. */

import type { Answer, Seen, State } from "../agent";
import { PhoneClock } from "../clock";
import { Keeping, type Row } from "../keeping/database";
import { Outbox } from "../keeping/outbox";
import { Office } from "../office";
import { PhoneAgent } from "../phone_agent";
import { callingFrom } from "../publishing/calling";
import { Sending } from "../publishing/sending";
import { split } from "../wire/jws";
import * as records from "../wire/records";
import { BrokerAtHand } from "./broker_at_hand";
import { OfficeAtHand } from "./office_at_hand";
import { HandClock } from "./phone_parts";

/** The agent that the pages would have, and what it has written. */
export type Opened = PhoneAgent & { readonly rows: () => Promise<readonly Row[]> };

export class PhoneAtHand {
  readonly clock = new HandClock();
  readonly office = new OfficeAtHand();
  readonly broker = new BrokerAtHand();
  readonly #sending: Sending[] = [];

  constructor() {
    this.office.now = () => this.clock.wallNow;
    this.office.reachable = false;
  }

  /** Open the app: another page, or the same phone later. */
  async open({ sends = false } = {}): Promise<Opened> {
    const keeping = new Keeping();
    const outbox = new Outbox(keeping);
    const [compared, latest] = await Promise.all([keeping.get("comparison"), keeping.get("latest")]).catch(() => []);
    const clock = new PhoneClock(this.clock, compared ?? null, latest ?? 0);
    const changed = (): void => agent.changed();
    const calling = (): ReturnType<typeof callingFrom> => callingFrom(keeping, outbox, () => "rtc", changed);
    const sending = new Sending({ keeping, outbox, connect: this.broker.connect, locks: undefined, calling });
    if (sends) {
      this.#sending.push(sending);
      sending.open();
    }
    const nothing = (): void => undefined;
    const office = new Office(this.office.fetch);
    const agent = new PhoneAgent({ keeping, outbox, clock, office, sending, tell: nothing, sendLater: nothing });
    return Object.assign(agent, { rows: async () => (await outbox.log()).rows });
  }

  /** Close every page that sends. */
  async close(): Promise<void> {
    await Promise.all(this.#sending.map((sending) => sending.close()));
  }
}

/** A tag that was held to the phone. */
export function seen(ref: string, { waiting = false, proof = null }: { waiting?: boolean; proof?: string | null } = {}): Seen {
  return { via: "nfc", ref, proof, waiting };
}

/** What the records say. */
export function said(rows: readonly Row[]): readonly records.Record[] {
  return rows.map(({ jws }) => records.decode(split(jws)));
}

/** How the phone stands now. */
export function stateOf(agent: PhoneAgent): Promise<State> {
  return new Promise((give) => {
    const stop = agent.watch((state) => {
      queueMicrotask(() => stop());
      give(state);
    });
  });
}

/** The question that she was asked; fails when she was asked none. */
export function asked(answer: Answer): Answer & { readonly kind: "question" } {
  if (answer.kind !== "question") throw new Error(`It was not asked: ${JSON.stringify(answer)}`);
  return answer;
}

/** Initials as the pages are given them. */
export function onOneLine(initials: string): string {
  return initials.replaceAll(" ", "\u00a0");
}
