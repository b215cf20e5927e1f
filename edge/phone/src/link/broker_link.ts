/** How does a phone talk with a broker? One connection over a WebSocket, from the first packet to the last. The one file that imports mqtt.js. */

import type { IConnackPacket } from "mqtt";
import client from "mqtt/lib/client";
import { browserStreamBuilder } from "mqtt/lib/connect/ws";
import { CONTENT_TYPE, config, receipts, status } from "../wire/topics";

/** Written as CommonJS, its class is the default of a default for whoever reads such modules as Node does. */
const Client = (client as { readonly default?: typeof client }).default ?? client;
type Client = InstanceType<typeof client>;

export type Version = 5 | 4;

/** As whom to call which broker. `will`: what it says of the phone when the phone falls silent. */
export interface Call {
  readonly broker: string;
  readonly device: string;
  readonly password: string | null;
  readonly version: Version;
  readonly will: string;
  readonly withinMs: number;
  /** A receipt came, or settings. */
  arrived(kind: "receipt" | "settings", payload: string): void;
  /** Something else has changed: there is room again, or the connection ended. */
  changed(): void;
}

export interface Link {
  /** How many messages more the broker will have under way. */
  readonly room: number;
  /** For how many milliseconds the broker, which owes an acknowledgement, has said nothing at all. */
  readonly silentMs: number;
  /** Why the connection ended; null as long as there is one. */
  readonly lost: string | null;
  publish(topic: string, payload: string, how: { readonly retain?: boolean; readonly record?: boolean }): void;
  /** End it without waiting for anything. */
  drop(): void;
  /** Say goodbye, when what was published has been acknowledged, or after a short while. */
  end(): Promise<void>;
}

/** There is no connection. Only after `no answer` may the other version be worth a try. */
export interface NotLetIn {
  readonly why: "unreachable" | "refused" | "no answer";
  readonly says: string;
}

export type Connect = (call: Call) => Promise<Link | NotLetIn>;

/** Seconds after which the broker takes a silent phone for dead. */
const KEEPALIVE = 60;
const FINISH_WITHIN_MS = 1500;
/** Bytes that a phone takes from a broker at once. */
const LONGEST_PACKET = 64 * 1024;
const OTHER_VERSION = new Set([0x01, 0x84]);

class BrokerLink implements Link {
  readonly #client: Client;
  readonly #call: Call;
  readonly #atMost: number;
  #unacknowledged = 0;
  #heard = performance.now();
  lost: string | null = null;

  constructor(client: Client, call: Call, connack: IConnackPacket) {
    this.#client = client;
    this.#call = call;
    this.#atMost = connack.properties?.receiveMaximum ?? 65_535;
    client.on("packetreceive", () => {
      this.#heard = performance.now();
    });
  }

  get room(): number {
    return Math.max(0, this.#atMost - this.#unacknowledged);
  }

  get silentMs(): number {
    return this.#unacknowledged > 0 ? performance.now() - this.#heard : 0;
  }

  drop(): void {
    this.lost ??= "dropped";
    this.#client.end(true);
  }

  publish(topic: string, payload: string, { retain = false, record = false }: { retain?: boolean; record?: boolean }): void {
    if (this.#unacknowledged === 0) this.#heard = performance.now();
    this.#unacknowledged += 1;
    const properties = record && this.#call.version === 5 ? { properties: { contentType: CONTENT_TYPE } } : {};
    this.#client.publish(topic, payload, { qos: 1, retain, ...properties }, () => {
      this.#unacknowledged -= 1;
      this.#call.changed();
    });
  }

  async end(): Promise<void> {
    const deadline = Date.now() + FINISH_WITHIN_MS;
    while (this.#unacknowledged > 0 && this.lost === null && Date.now() < deadline) await new Promise((go) => setTimeout(go, 20));
    this.#client.end(this.#unacknowledged > 0);
  }
}

/** Call the broker and listen to what is for this door. */
export const connect: Connect = (call) =>
  new Promise((resolve) => {
    const { broker, device, password } = call;
    let link: BrokerLink | null = null;
    let opened = false;
    let settled = false;
    const { protocol, hostname, port, pathname } = new URL(broker);
    // Not by `mqtt.connect`, which knows many more lines than a browser has, and would make the app twice as large.
    const client = new Client((self) => browserStreamBuilder(self, self.options), {
      protocol: protocol === "wss:" ? "wss" : "ws",
      hostname,
      ...(port !== "" && { port: Number(port) }),
      path: pathname,
      protocolVersion: call.version,
      clientId: device,
      ...(password !== null && { username: device, password }),
      clean: true,
      keepalive: KEEPALIVE,
      connectTimeout: call.withinMs,
      reconnectPeriod: 0, // the publisher decides when, and where
      resubscribe: false,
      queueQoSZero: false,
      timerVariant: "native", // the other kind makes a worker of a text, which our content security policy refuses
      will: { topic: status(device), payload: call.will as never, qos: 1, retain: true },
      ...(call.version === 5 && { properties: { maximumPacketSize: LONGEST_PACKET } }),
    });
    const no = (why: NotLetIn["why"], says: string): void => {
      if (settled) return;
      settled = true;
      client.end(true);
      resolve({ why, says });
    };
    client.stream.once("connect", () => {
      opened = true;
    });
    client.on("connect", (connack) => {
      client.subscribe([receipts(device), config(device)], { qos: 1 }, (error, granted) => {
        if (error || granted?.some((each) => each.topic === receipts(device) && each.qos >= 128))
          return no("refused", `The broker does not let this phone hear its receipts: ${error?.message ?? "not allowed"}.`);
        if (settled) return undefined;
        settled = true;
        link = new BrokerLink(client, call, connack);
        return resolve(link);
      });
    });
    client.on("message", (topic, payload) => {
      if (topic === receipts(device)) call.arrived("receipt", payload.toString());
      else if (topic === config(device)) call.arrived("settings", payload.toString());
    });
    client.on("error", (error) => {
      const code = (error as { code?: unknown }).code;
      if (typeof code === "number" && !OTHER_VERSION.has(code)) no("refused", `The broker does not let this phone in: ${error.message}.`);
      else no(opened || typeof code === "number" ? "no answer" : "unreachable", error.message);
    });
    client.on("close", () => {
      no(opened ? "no answer" : "unreachable", "The broker closed the connection.");
      if (link !== null) {
        link.lost ??= "closed";
        call.changed();
      }
    });
  });
