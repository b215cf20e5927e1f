/** How do records reach the gateway? In order over MQTT, again and again until a signed receipt covers them. */

import type { Keeping } from "../keeping/database";
import type { Outbox } from "../keeping/outbox";
import type { Connect, Link, Version } from "../link/broker_link";
import type { Verifier } from "../wire/jws";
import * as receipts from "../wire/receipts";
import * as settings from "../wire/settings";
import { encode, type Status } from "../wire/status";
import * as topics from "../wire/topics";
import { Bell } from "./bell";
import { PATIENCE, type Patience, Window } from "./window";

/** Whose records go to which brokers, and who is told what has changed. */
export interface Calling {
  readonly device: string;
  readonly password: string | null;
  readonly gateway: Verifier;
  /** Addresses; none when nobody has told any. */
  readonly brokers: readonly string[];
  status(online: boolean): Promise<Omit<Status, "software">>;
  /** A receipt or settings were taken, or the connection came or went. */
  changed(): void;
}

/** Between two words on how the phone is that no record goes with. */
const QUIET_MS = 30_000;

export class Publisher {
  readonly #calling: Calling;
  readonly #keeping: Keeping;
  readonly #outbox: Outbox;
  readonly #connect: Connect;
  readonly #patience: Patience;
  readonly #bell = new Bell();
  readonly #versions = new Map<string, Version>();
  #arrived: { readonly kind: "receipt" | "settings"; readonly payload: string }[] = [];
  #waitFor: number | null = null;
  #hurried = false;
  online = false;

  /** Nothing is connected before `run`. */
  constructor(calling: Calling, keeping: Keeping, outbox: Outbox, connect: Connect, patience: Patience = PATIENCE) {
    this.#calling = calling;
    this.#keeping = keeping;
    this.#outbox = outbox;
    this.#connect = connect;
    this.#patience = patience;
  }

  /** As which door it sends. */
  get device(): string {
    return this.#calling.device;
  }

  /** There is something new to send. */
  nudge(): void {
    this.#bell.ring();
  }

  /** The way to a broker may be open again: call now, and not after the pause. */
  hurry(): void {
    this.#hurried = true;
    this.#bell.ring();
  }

  /** Send until the signal, or with `untilSent` until nothing waits. What is not receipted stays in the outbox. Throws Broken. */
  async run(signal: AbortSignal, { untilSent = false } = {}): Promise<void> {
    signal.addEventListener("abort", this.#bell.ring, { once: true });
    let pause = this.#patience.reconnect;
    for (let at = 0; !signal.aborted && !(untilSent && (await this.#isSent())); at++) {
      const broker = this.#calling.brokers[at % this.#calling.brokers.length];
      if (broker === undefined) return;
      const began = performance.now();
      await this.#callAndServe(broker, signal, untilSent);
      // A connection that lasts no longer than the pause before it, again and again, is no reason to hurry.
      if (performance.now() - began > pause + this.#patience.answer) pause = this.#patience.reconnect;
      if ((at + 1) % this.#calling.brokers.length > 0) continue;
      await this.#rest(pause * (0.5 + Math.random()), signal);
      pause = this.#hurried ? this.#patience.reconnect : Math.min(pause * 2, this.#patience.longest);
    }
  }

  /** Let news wait: only the end, or a way that may be open again, ends a pause. */
  async #rest(ms: number, signal: AbortSignal): Promise<void> {
    const until = performance.now() + ms;
    this.#hurried = false;
    while (!signal.aborted && !this.#hurried && performance.now() < until) await this.#bell.wait(until - performance.now());
  }

  async #isSent(): Promise<boolean> {
    return (await this.#outbox.counts()).waiting === 0;
  }

  async #callAndServe(broker: string, signal: AbortSignal, untilSent: boolean): Promise<void> {
    const { device, password } = this.#calling;
    const version = this.#versions.get(broker) ?? 5;
    this.#arrived = [];
    const link = await this.#connect({
      broker,
      device,
      password,
      version,
      will: await this.#status(false),
      withinMs: this.#patience.answer,
      arrived: (kind, payload) => {
        this.#arrived.push({ kind, payload });
        this.#bell.ring();
      },
      changed: this.#bell.ring,
    });
    if ("why" in link) {
      if (link.why === "no answer") this.#versions.set(broker, version === 5 ? 4 : 5);
      return;
    }
    this.online = true;
    this.#calling.changed();
    try {
      await this.#serve(link, signal, untilSent);
    } finally {
      this.online = false;
      if (link.lost === null) {
        // Said while the link still stands: a goodbye leaves no will behind.
        link.publish(topics.status(device), await this.#status(false).catch(() => ""), { retain: true });
        await link.end();
      }
      this.#calling.changed();
    }
  }

  /** Send what is waiting, within the window, and all of it again when no receipt came in time; with several brokers, by the next one. */
  async #serve(link: Link, signal: AbortSignal, untilSent: boolean): Promise<void> {
    const window = new Window(this.#outbox, this.device, this.#patience, this.#waitFor);
    this.#waitFor = null;
    let said = "";
    let saidAt = Number.NEGATIVE_INFINITY;
    while (!signal.aborted && link.lost === null) {
      const now = performance.now();
      if (await this.#takeWhatArrived()) await window.receipted(now);
      else if (window.overdueIn(now) === 0) {
        if (window.inVain && this.#calling.brokers.length > 1) {
          this.#waitFor = window.longer();
          return;
        }
        window.startAgain(now);
      }
      for (const { jws } of await window.take(now, link.room - 1)) link.publish(topics.records(this.device), jws, { record: true });
      if (untilSent && window.underWay === 0 && (await this.#isSent())) return;
      const status = await this.#status(true);
      if (status !== said && now - saidAt >= QUIET_MS && link.room > 0) {
        [said, saidAt] = [status, now];
        link.publish(topics.status(this.device), status, { retain: true });
      }
      if (link.silentMs > this.#patience.acknowledgement) link.drop();
      else await this.#bell.wait(Math.min(window.overdueIn(now) ?? QUIET_MS, QUIET_MS, this.#patience.acknowledgement));
    }
  }

  async #status(online: boolean): Promise<string> {
    return encode({ ...(await this.#calling.status(online)), software: __SOFTWARE__ });
  }

  /** Take what arrived; say whether there was a receipt among it. One by the office that we do not agree with is an answer, too. */
  async #takeWhatArrived(): Promise<boolean> {
    let receipted = false;
    for (let next = this.#arrived.shift(); next !== undefined; next = this.#arrived.shift()) {
      const { device, gateway } = this.#calling;
      try {
        if (next.kind === "receipt") {
          await this.#outbox.take(await receipts.decode(next.payload, device, gateway), Date.now());
          receipted = true;
        } else await this.#keepTo(await settings.decode(next.payload, device, gateway));
      } catch (error) {
        // Anybody can write to a topic. What is not by our gateway, or could not be noted, is as if it had not come.
        if (!(error instanceof receipts.NotAReceipt || error instanceof settings.NotSettings)) throw error;
        continue;
      }
      this.#calling.changed();
    }
    return receipted;
  }

  async #keepTo(told: settings.DoorSettings): Promise<void> {
    const kept = await this.#keeping.get("settings");
    if ((kept?.revision ?? 0) < told.revision) await this.#keeping.set({ settings: told }, this.device);
  }
}
