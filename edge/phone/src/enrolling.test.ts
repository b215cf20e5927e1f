// How does a phone become a carer's, and why not? By the whole agent, on a phone that is nobody's yet.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Keeping } from "./keeping/database";
import { asked, PhoneAtHand, seen, stateOf } from "./trying/phone_at_hand";
import { freshMemory } from "./trying/phone_parts";
import { deviceId } from "./wire/identity";

let phone: PhoneAtHand;
beforeEach(() => {
  freshMemory();
  phone = new PhoneAtHand();
  phone.office.reachable = true;
  vi.stubGlobal("isSecureContext", true);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test("a phone makes a key, keeps the answer, and then can tap", async () => {
  const agent = await phone.open();
  phone.office.refuses = { status: 503, detail: "No gateway has started yet." };
  expect(await agent.enrol("ABCD")).toEqual({ ok: false, why: "refused", says: "No gateway has started yet." });
  phone.office.refuses = null;

  expect(await agent.enrol("ABCD")).toEqual({ ok: true });
  expect(phone.office.claims[1]).toMatchObject({ type: "calltime.enrolment.v1", code: "ABCD", alg: "EdDSA" });
  expect(await stateOf(agent)).toMatchObject({ carer: "C-017" });
  expect(await new Keeping().get("brokers")).toEqual(["wss://broker.example.org"]);
  expect(asked(await agent.tap(seen("t-1"), false)).question.kind).toBe("unknown home");
  expect(await agent.enrol("ABCD")).toEqual({ ok: false, why: "enrolled already", says: null });
});

test.each([
  [{ status: 403, detail: "too old" }, "bad code", "too old"],
  [{ status: 400, detail: "not a request" }, "refused", "not a request"],
] as const)("a code is refused with %o", async (refuses, why, says) => {
  phone.office.refuses = refuses;
  expect(await (await phone.open()).enrol("ABCD")).toEqual({ ok: false, why, says });
});

test("it needs a link, and keeps its key for the next try", async () => {
  phone.office.reachable = false;
  const agent = await phone.open();
  expect(await agent.enrol("ABCD")).toMatchObject({ ok: false, why: "no link" });
  const key = await new Keeping().get("key");
  expect(await agent.enrol("ABCD")).toMatchObject({ ok: false, why: "no link" });
  expect((await new Keeping().get("key"))?.publicKey).toEqual(key?.publicKey);
});

test("the code of a home's reader is not for phones", async () => {
  const agent = await phone.open();
  const carers = phone.office.enrolment;
  phone.office.enrolment = (device) => ({ ...carers(device), carer: null, home: "H-1" });
  expect(await agent.enrol("ABCD")).toEqual({ ok: false, why: "not for phones", says: null });
  expect(await stateOf(agent)).toMatchObject({ carer: null });
});

test("a browser that lacks what is needed is told so in a sentence", async () => {
  vi.stubGlobal("isSecureContext", false);
  const answer = await (await phone.open()).enrol("ABCD");
  expect(answer).toMatchObject({ ok: false, why: "old browser" });
  expect(answer.ok ? "" : answer.says).toContain("https");
});

test("a key that is somebody else's at the office is left behind, and the same code is good for a new one", async () => {
  phone.office.reachable = false;
  const agent = await phone.open();
  await agent.enrol("ABCD");
  const before = await new Keeping().get("key");
  if (before !== undefined) phone.office.others.add(await deviceId(before.publicKey));
  phone.office.reachable = true;

  expect(await agent.enrol("ABCD")).toEqual({ ok: true });
  expect((await new Keeping().get("key"))?.publicKey).not.toEqual(before?.publicKey);
});
