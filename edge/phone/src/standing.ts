/** How does the phone stand? What it says of itself: may it record, is a visit open, what waits, and what is wrong. */

import type { State, Trouble } from "./agent";
import type { Asking } from "./asking";
import { isPersisted } from "./browser/persisting";
import { type PhoneClock, WRONG_MS } from "./clock";
import { Homes } from "./homes";
import type { Keeping } from "./keeping/database";
import type { Outbox } from "./keeping/outbox";
import { movesIn, openVisit } from "./moves";
import type { Sending } from "./publishing/sending";

interface Parts {
  readonly keeping: Keeping;
  readonly outbox: Outbox;
  readonly clock: PhoneClock;
  readonly sending: Sending;
  readonly asking: Asking;
}

/** Why nothing can be recorded at all; null: it can. Throws Broken. */
export async function whyNothing(keeping: Keeping): Promise<Trouble | null> {
  if ((await keeping.get("enrolment")) === undefined) return "not enrolled";
  if ((await keeping.get("revoked")) !== undefined) return "revoked";
  return (await keeping.get("fork")) === undefined ? null : "another chain";
}

/** Put it together. `broke`: what the storage did when something was to be kept last. */
export async function stateOf({ keeping, outbox, clock, sending, asking }: Parts, broke: Trouble | null): Promise<State> {
  const reading = clock.read();
  const state = Math.abs(clock.byMs) > WRONG_MS ? "wrong" : reading.sync === "none" ? "unsure" : "sure";
  const shown = { online: sending.online, persisted: await isPersisted(), clock: { state, byMs: clock.byMs } } as const;
  try {
    const carer = (await keeping.get("enrolment"))?.carer ?? null;
    const [{ quarantined }, waiting] = await Promise.all([outbox.counts(), outbox.tapsWaiting()]);
    const [head, kept, standing] = await Promise.all([outbox.head(), asking.kept(), whyNothing(keeping)]);
    const homes = new Homes(kept?.told ?? null);
    const running = openVisit(movesIn(head.log, homes), reading);
    const open = running && { called: homes.called(running.whose), ref: running.whose, since: running.at };
    const trouble = standing === "not enrolled" ? null : (standing ?? broke);
    return { ...shown, carer, trouble, waiting, quarantined, open };
  } catch {
    // Whatever it is that cannot be read: a page that shows nothing would tell her nothing.
    return { ...shown, carer: null, trouble: "storage broken", waiting: 0, quarantined: 0, open: null };
  }
}
