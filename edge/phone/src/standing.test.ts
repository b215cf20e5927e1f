// Does the phone say how it stands, to whoever watches?

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Outbox } from "./keeping/outbox";
import { PhoneAtHand, seen, stateOf } from "./trying/phone_at_hand";
import { enrolledPhone, HOUR } from "./trying/phone_parts";

let phone: PhoneAtHand;
beforeEach(async () => {
  await enrolledPhone();
  phone = new PhoneAtHand();
});
afterEach(async () => {
  await phone.close();
});

test("the phone tells what waits, and that it does not any more", async () => {
  const agent = await phone.open({ sends: true });
  phone.broker.refuses = () => ({ why: "unreachable", says: "" });
  await agent.tap(seen("t-1"), false);
  expect(await stateOf(agent)).toMatchObject({ carer: "C-017", waiting: 1, online: false, trouble: null });
  phone.broker.refuses = () => null;
  await agent.refresh();
  await vi.waitFor(async () => expect(await stateOf(agent)).toMatchObject({ waiting: 0, online: true }), { timeout: 15_000 });
  expect((await agent.mine()).visits).toMatchObject([{ ref: "t-1", safe: true }]);
});

test("how it stands is told to who watches, until he stops", async () => {
  const agent = await phone.open();
  const told: number[] = [];
  const stop = agent.watch((state) => told.push(state.waiting));
  await vi.waitFor(() => expect(told).toEqual([0]));
  await agent.tap(seen("t-1"), false);
  await vi.waitFor(() => expect(told.at(-1)).toBe(1));
  stop();
  const so_far = told.length;
  phone.clock.pass(HOUR);
  await agent.tap(seen("t-1"), false);
  await stateOf(agent);
  expect(told).toHaveLength(so_far);
});

test("whatever it is that cannot be read, the pages are told that the storage is broken", async () => {
  const agent = await phone.open();
  const whole = Outbox.prototype.counts;
  Outbox.prototype.counts = () => Promise.reject(new TypeError("nobody foresaw this"));
  try {
    expect(await stateOf(agent)).toMatchObject({ carer: null, trouble: "storage broken" });
  } finally {
    Outbox.prototype.counts = whole;
  }
});
