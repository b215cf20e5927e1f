import { expect, test } from "vitest";
import type { Reading } from "./clock";
import { nextAction } from "./tapping";
import examples from "./tapping.examples.json";
import type { Action, Sync } from "./wire/records";

test.each(examples.map((each) => [each.says, each] as const))("%s", (_, { waiting, last, reading, expect: expected }) => {
  const before = last && { ...last, action: last.action as Action, at: Date.parse(last.at) };
  const now: Reading = { ...reading, now: Date.parse(reading.now), sync: reading.sync as Sync, error_ms: 0 };

  const action = nextAction(waiting, before, now);

  expect(typeof action === "string" ? action : { already: action.already }).toEqual(expected);
});
