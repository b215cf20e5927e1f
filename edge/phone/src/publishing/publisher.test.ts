// Do records reach the office, whatever broker and gateway do? Against a real outbox, and a broker that does as it is told.

import { afterEach, beforeEach, expect, test } from "vitest";
import type { Keeping } from "../keeping/database";
import type { Outbox } from "../keeping/outbox";
import { BrokerAtHand, QUICK } from "../trying/broker_at_hand";
import { enrolledPhone, GATEWAY, receiptOf, STRANGER, tapped, until } from "../trying/phone_parts";
import { type Signer, sign } from "../wire/jws";
import { callingFrom } from "./calling";
import { Publisher } from "./publisher";
import { WINDOW } from "./window";

let keeping: Keeping;
let outbox: Outbox;
let signer: Signer;
let broker: BrokerAtHand;
let end: AbortController;
let running: Promise<void>[];

beforeEach(async () => {
  ({ keeping, outbox, signer } = await enrolledPhone());
  broker = new BrokerAtHand();
  end = new AbortController();
  running = [];
});
afterEach(async () => {
  end.abort();
  await Promise.all(running);
});

async function publish({ untilSent = false, receipt = QUICK.receipt } = {}): Promise<Publisher> {
  const calling = await callingFrom(
    keeping,
    outbox,
    () => "ntp",
    () => undefined,
  );
  if (calling === null) throw new Error("There is nobody to call.");
  const publisher = new Publisher(calling, keeping, outbox, broker.connect, { ...QUICK, receipt });
  running.push(publisher.run(end.signal, { untilSent }));
  return publisher;
}

const waiting = async (): Promise<number> => (await outbox.counts()).waiting;

test("what waits is sent in order, receipted, and waits no more", async () => {
  await tapped(outbox, signer, 5);
  await publish();

  await until(async () => (await waiting()) === 0);
  expect(broker.numbers).toEqual([1, 2, 3, 4, 5]);
  expect(broker.calls[0]).toMatchObject({ device: signer.device, password: "a password", version: 5, broker: "wss://broker.example.org" });
});

test("a tap while there is a connection is sent at once", async () => {
  const publisher = await publish();
  await until(() => publisher.online);
  await tapped(outbox, signer, 1);
  publisher.nudge();

  await until(async () => (await waiting()) === 0);
});

test("no more than a window is under way, and the rest follows the receipts", async () => {
  broker.answers = async () => null;
  await tapped(outbox, signer, WINDOW + 7);
  await publish();
  await until(() => broker.records.length > WINDOW);
  expect(broker.numbers.slice(WINDOW - 1, WINDOW + 1)).toEqual([WINDOW, 1]); // the first ones again, and not the next

  broker.answers = new BrokerAtHand().answers; // the gateway is back
  await until(async () => (await waiting()) === 0);
});

test("a broker that takes few at once gets few", async () => {
  broker.room = 4; // one of them is for the status
  broker.answers = async () => null;
  await tapped(outbox, signer, 9);
  await publish({ receipt: 10_000 });

  await until(() => broker.records.length >= 3);
  expect(broker.numbers).toEqual([1, 2, 3]);
});

test("what no receipt covers in time is sent again, less and less often", async () => {
  broker.answers = async () => null;
  await tapped(outbox, signer, 2);
  await publish();

  await until(() => broker.records.length >= 6);
  expect(broker.numbers.slice(0, 6)).toEqual([1, 2, 1, 2, 1, 2]);
  expect(await waiting()).toBe(2);
});

test("after a lost connection it is all sent again over the next one", async () => {
  broker.answers = async () => null;
  await tapped(outbox, signer, 3);
  await publish();
  await until(() => broker.records.length >= 3);
  broker.cut();
  broker.answers = new BrokerAtHand().answers;

  await until(async () => (await waiting()) === 0);
  expect(broker.calls.length).toBeGreaterThan(1);
});

test("a line on which nothing is acknowledged is given up", async () => {
  await tapped(outbox, signer, 1);
  broker.answers = async () => null;
  broker.silentMs = 11_000;
  await publish();

  await until(() => broker.calls.length >= 2);
  expect(broker.links).toBeLessThanOrEqual(1);
});

test.each([
  ["by another gateway", (device: string) => receiptOf(device, { through: 1, digest: "A".repeat(43) }, STRANGER)],
  ["for another door", () => receiptOf("d_aaaaaaaaaaaaaaaaaaaaaaaaaa", { through: 1, digest: "A".repeat(43) })],
  ["that is none", async () => "no.receipt.at-all"],
])("a receipt %s is as if it had not come", async (_, made) => {
  broker.answers = () => made(signer.device);
  await tapped(outbox, signer, 1);
  await publish();

  await until(() => broker.records.length >= 3);
  expect(await waiting()).toBe(1);
  expect(await keeping.get("fork")).toBeUndefined();
});

test("a receipt of another chain is noted, and the records are kept", async () => {
  broker.answers = () => receiptOf(signer.device, { through: 1, digest: "A".repeat(43) });
  await tapped(outbox, signer, 1);
  await publish();

  await until(async () => (await keeping.get("fork")) !== undefined);
  expect(await waiting()).toBe(1);
});

test("a record in quarantine is not sent again", async () => {
  const [row] = await tapped(outbox, signer, 1);
  const aside = { digest: row?.digest ?? "", seq: 1, reason: "time out of range" };
  broker.answers = () => receiptOf(signer.device, { through: 0, digest: null, quarantined: [aside] });
  await publish({ untilSent: true, receipt: 10_000 });

  await Promise.all(running); // it has nothing left to send, and ends
  expect(broker.records).toHaveLength(1);
  expect(await outbox.counts()).toMatchObject({ waiting: 0, quarantined: 1 });
});

test("a broker that does not answer in MQTT 5 is called in 3.1.1", async () => {
  broker.refuses = (call) => (call.version === 5 ? { why: "no answer", says: "" } : null);
  await tapped(outbox, signer, 1);
  await publish();

  await until(async () => (await waiting()) === 0);
  expect(broker.calls.map(({ version }) => version)).toEqual([5, 4]);
});

test("with several brokers the next one is called when one is away", async () => {
  await keeping.set({ brokers: ["wss://one.example.org", "wss://two.example.org"] });
  broker.refuses = (call) => (call.broker.includes("one") ? { why: "unreachable", says: "" } : null);
  await tapped(outbox, signer, 1);
  await publish();

  await until(async () => (await waiting()) === 0);
});

test("and when one takes everything and no receipt ever comes by it", async () => {
  await keeping.set({ brokers: ["wss://one.example.org", "wss://two.example.org"] });
  const whole = broker.answers;
  broker.answers = async (compact, call) => (call.broker.includes("one") ? null : await whole(compact, call));
  await tapped(outbox, signer, 2);
  await publish();

  await until(async () => (await waiting()) === 0);
});

test("it says that it is online, and when it ends that it is not; the will says so, too", async () => {
  await tapped(outbox, signer, 1);
  await publish({ untilSent: true });
  await Promise.all(running);

  expect(JSON.parse(broker.calls[0]?.will ?? "")).toMatchObject({ type: "calltime.status.v1", online: false, waiting: 1, readers: {} });
  expect(broker.statuses.at(-1)).toMatchObject({ online: false, waiting: 0 });
});

test("of settings the highest revision holds", async () => {
  const publisher = await publish();
  await until(() => publisher.online);
  const send = async (revision: number, language: string, by: Signer = GATEWAY): Promise<void> => {
    const told = {
      type: "calltime.settings.v1",
      device: signer.device,
      revision,
      language,
      feedback: "sound only",
      position: revision === 7,
    };
    broker.calls[0]?.arrived("settings", await sign(told, by));
  };
  await send(7, "cy");
  await until(async () => (await keeping.get("settings"))?.revision === 7);
  await send(6, "en");
  await send(8, "en", STRANGER);
  await send(9, "cy");
  await until(async () => (await keeping.get("settings"))?.revision === 9);
  expect(await keeping.get("settings")).toMatchObject({ language: "cy", position: false });
});
