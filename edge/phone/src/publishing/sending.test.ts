// Does a page send as long as it is seen, and give way when it is not? With the locks of the browser, as Node has them.

import { beforeEach, expect, test } from "vitest";
import type { Keeping } from "../keeping/database";
import type { Outbox } from "../keeping/outbox";
import { BrokerAtHand, QUICK } from "../trying/broker_at_hand";
import { enrolledPhone, STRANGER, tapped, until } from "../trying/phone_parts";
import type { Signer } from "../wire/jws";
import { callingFrom } from "./calling";
import { Sending } from "./sending";

let keeping: Keeping;
let outbox: Outbox;
let signer: Signer;
let broker: BrokerAtHand;
beforeEach(async () => {
  ({ keeping, outbox, signer } = await enrolledPhone());
  broker = new BrokerAtHand();
});

/** A page of the app that sends, alone or taking turns by these locks. */
function aPage(locks?: LockManager): Sending {
  const nothing = (): void => undefined;
  const calling = (): ReturnType<typeof callingFrom> => callingFrom(keeping, outbox, () => "ntp", nothing);
  return new Sending({ keeping, outbox, connect: broker.connect, locks, calling, patience: QUICK });
}

const waiting = async (): Promise<number> => (await outbox.counts()).waiting;

test("of two pages one sends; when it is closed, the other does", async () => {
  const locks = navigator.locks;
  const pages = [1, 2].map(() => aPage(locks));
  const [before, now] = pages;
  before?.open();
  await until(() => before?.online);
  now?.open(); // it is looked at now, and the other may be frozen
  await until(() => now?.online && !before?.online && broker.links === 1);
  await tapped(outbox, signer, 3);
  for (const page of pages) page.nudge();
  await until(async () => (await waiting()) === 0);
  expect(broker.calls).toHaveLength(2); // and they do not take the turn from one another again

  const first = pages.find((page) => page.online);
  await first?.close();
  await until(() => pages.some((page) => page !== first && page.online));
  expect(broker.links).toBe(1);
  await Promise.all(pages.map((page) => page.close()));
});

test("a page that hears that the phone has become another door sends as that one", async () => {
  const page = aPage();
  page.open();
  await until(() => page.online);
  await page.changed();
  expect(broker.calls).toHaveLength(1);

  const enrolment = await keeping.get("enrolment");
  if (enrolment !== undefined) await keeping.set({ enrolment: { ...enrolment, device: STRANGER.device } });
  await page.changed();
  await until(() => broker.calls.length === 2 && page.online);
  expect(broker.calls[1]).toMatchObject({ device: STRANGER.device });
  await page.close();
});

test("a page that nobody sees sends what waits and says goodbye; seen again, it is back", async () => {
  const page = aPage();
  page.open();
  await until(() => page.online);
  page.see(false);
  await until(() => broker.links === 0);
  await tapped(outbox, signer, 1);
  page.nudge();
  await until(async () => (await waiting()) === 0);
  await until(() => broker.links === 0);
  page.see(true);
  await until(() => page.online);
  await page.close();
});
