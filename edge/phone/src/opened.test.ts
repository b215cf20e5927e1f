// @vitest-environment happy-dom
// By what was the app opened? An address that anybody can type is not taken for a chip's.

import { expect, test } from "vitest";
import { readOpened } from "./opened";

const PROOF = "e=EF963FF7828658A599F3041510671E88&c=94EED9EE65337086";

test.each([
  ["", "qr", null],
  [`?${PROOF}`, "nfc", PROOF],
  [`?${PROOF.toLowerCase()}`, "nfc", PROOF.toLowerCase()],
  ["?utm_source=a-letter", "qr", "utm_source=a-letter"],
  ["?e=1&c=2", "qr", "e=1&c=2"],
  ["?e=EF963FF7828658A599F3041510671E88", "qr", "e=EF963FF7828658A599F3041510671E88"],
])("the address of a tag with %j counts as %s, and what it said is kept as it came", (search, via, proof) => {
  history.replaceState(null, "", `/t/t-1${search}`);

  expect(readOpened().seen).toEqual({ via, ref: "t-1", proof, waiting: false });
  expect(location.pathname + location.search).toBe("/t/");
});
