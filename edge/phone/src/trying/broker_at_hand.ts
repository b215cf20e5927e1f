/** A broker with a gateway behind it, at the seam of the link: it takes what is published and answers as it is told to. */

import type { Call, Connect, Link, NotLetIn } from "../link/broker_link";
import type { Patience } from "../publishing/window";
import { digest, split } from "../wire/jws";
import * as records from "../wire/records";
import { type ReceiptFields, receiptOf } from "./phone_parts";

/** For a broker that is as near as this one. */
export const QUICK: Patience = { receipt: 60, reconnect: 20, longest: 200, answer: 50, acknowledgement: 10_000 };

export class BrokerAtHand {
  readonly calls: Call[] = [];
  /** Every record that came, in the order in which it came, as often as it came. */
  readonly records: string[] = [];
  readonly statuses: { readonly online: boolean; readonly waiting: number; readonly software: string }[] = [];
  /** Links that stand. */
  links = 0;
  room = 65_535;
  silentMs = 0;
  /** How it answers a call; null: it lets in. */
  refuses: (call: Call) => NotLetIn | null = () => null;
  /** How the gateway answers a record. */
  answers: (compact: string, call: Call) => Promise<string | null> = (compact) => this.#receipt(compact);
  readonly #stored = new Map<number, string>();
  #last: { drop(): void } | null = null;

  connect: Connect = async (call) => {
    this.calls.push(call);
    const no = this.refuses(call);
    if (no !== null) return no;
    this.links += 1;
    const broker = this;
    const link = {
      lost: null as string | null,
      get room() {
        return broker.room;
      },
      get silentMs() {
        return broker.silentMs;
      },
      publish(topic: string, payload: string) {
        if (topic.endsWith("/status")) broker.statuses.push(JSON.parse(payload));
        else {
          broker.records.push(payload);
          void broker.answers(payload, call).then((receipt) => receipt !== null && link.lost === null && call.arrived("receipt", receipt));
        }
      },
      drop() {
        if (link.lost === null) broker.links -= 1;
        link.lost = "dropped";
        call.changed();
      },
      async end() {
        link.drop();
      },
    } satisfies Link;
    this.#last = link;
    return link;
  };

  /** Cut the line. */
  cut(): void {
    this.#last?.drop();
  }

  /** The numbers of the records that came. */
  get numbers(): readonly number[] {
    return this.records.map((compact) => records.decode(split(compact)).data.seq);
  }

  async #receipt(compact: string): Promise<string> {
    const record = records.decode(split(compact));
    this.#stored.set(record.data.seq, await digest(compact));
    let through = 0;
    while (this.#stored.has(through + 1)) through += 1;
    const fields: ReceiptFields = { through, digest: this.#stored.get(through) ?? null };
    return await receiptOf(record.source.replace("/doors/", ""), fields);
  }
}
