// Does one page send, and never one that the browser has frozen? With the locks of the browser, as Node has them.

import { expect, test } from "vitest";
import { ifFree, inTurn } from "./turn";

const never = new AbortController().signal;
const ended = (signal: AbortSignal): Promise<void> =>
  new Promise((end) => (signal.aborted ? end() : signal.addEventListener("abort", () => end())));

/** Work as pages do, until the turn ends. `began` resolves when the turn has come. */
function page({ steal = false, signal = never } = {}): { readonly began: Promise<void>; readonly came: Promise<string> } {
  let begin = (): void => undefined;
  const began = new Promise<void>((go) => (begin = go));
  const work = async (turn: AbortSignal): Promise<void> => {
    begin();
    await ended(turn);
  };
  return { began, came: inTurn(navigator.locks, signal, work, { steal }) };
}

test("a page that is seen takes the turn, and who worked is told to end", async () => {
  const first = page();
  await first.began;
  const leaving = new AbortController();
  const seen = page({ steal: true, signal: leaving.signal });

  await seen.began;
  expect(await first.came).toBe("taken away");
  leaving.abort();
  expect(await seen.came).toBe("ended");
});

test("the service worker ends, too, and says that the turn was not its own to the end", async () => {
  let begin = (): void => undefined;
  const began = new Promise<void>((go) => (begin = go));
  const worker = ifFree(navigator.locks, never, async (turn) => {
    begin();
    await ended(turn);
  });
  await began;
  const leaving = new AbortController();
  const seen = page({ steal: true, signal: leaving.signal });

  expect(await worker).toBe(false);
  leaving.abort();
  await seen.came;
});

test("who is not seen waits for the turn, or leaves it", async () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const first = page({ signal: one.signal });
  await first.began;
  const second = page({ signal: other.signal });

  expect(await ifFree(navigator.locks, never, async () => undefined)).toBe(false);
  other.abort();
  expect(await second.came).toBe("ended");
  one.abort();
  expect(await first.came).toBe("ended");
});

test("what goes wrong at work is told", async () => {
  const wrong = inTurn(navigator.locks, never, () => Promise.reject(new Error("the disk says no")));
  await expect(wrong).rejects.toThrow("the disk says no");
});
