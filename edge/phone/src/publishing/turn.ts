/** Whose turn is it to send? One page or service worker at a time, however many are open: the browser's locks decide, and free themselves. */

const TURN = "calltime publisher";

/** Ends with the turn: when its own signal says so, or when a page that is seen took the turn away. */
type Work = (turn: AbortSignal) => Promise<void>;

/**
 * Wait for the turn, and work; say whether it was taken away before the work was done. Without locks everybody works: records that come
 * twice count once. Does nothing after the signal. `steal`: a page that the browser has frozen may hold the turn for ever; whoever is looked
 * at takes it, and what worked is told to end.
 */
export async function inTurn(
  locks: LockManager | undefined,
  signal: AbortSignal,
  work: Work,
  { steal = false } = {},
): Promise<"ended" | "taken away"> {
  if (signal.aborted) return "ended";
  if (locks === undefined) {
    await work(signal);
    return "ended";
  }
  // Browsers take no signal together with `steal`: there is nothing to wait for.
  const came = await hold(locks, steal ? { steal } : { signal }, signal, work);
  return came === "taken away" ? came : "ended";
}

/** Work if it is nobody else's turn; say whether it was ours to its end. */
export async function ifFree(locks: LockManager | undefined, signal: AbortSignal, work: Work): Promise<boolean> {
  if (locks === undefined) {
    await work(signal);
    return true;
  }
  return (await hold(locks, { ifAvailable: true }, signal, work)) === "worked";
}

async function hold(locks: LockManager, how: LockOptions, signal: AbortSignal, work: Work): Promise<"worked" | "not ours" | "taken away"> {
  const turn = new AbortController();
  const end = (): void => turn.abort();
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  const working: Promise<void>[] = [];
  try {
    await locks.request(TURN, how, async (lock) => {
      if (lock === null) return;
      working.push(work(turn.signal));
      await working[0];
    });
    return working.length === 0 ? "not ours" : "worked";
  } catch (error) {
    if (working.length === 0) {
      if (signal.aborted) return "not ours";
      throw error;
    }
    // Either the work failed, and says so here again, or the turn was taken away, and the work goes on until it is told.
    end();
    await working[0];
    return signal.aborted ? "worked" : "taken away";
  } finally {
    signal.removeEventListener("abort", end);
  }
}
