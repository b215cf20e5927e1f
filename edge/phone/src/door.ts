/** What is a whole phone? Its parts, put together and brought to work in this page. */

import type { Agent } from "./agent";
import { CHANNEL, SEND } from "./between";
import { connectInPage } from "./browser/link_loading";
import { askPersist } from "./browser/persisting";
import { BROWSER, PhoneClock } from "./clock";
import { Broken, Keeping } from "./keeping/database";
import { Outbox } from "./keeping/outbox";
import { Office } from "./office";
import { PhoneAgent } from "./phone_agent";
import { callingFrom, clockFrom } from "./publishing/calling";
import { Sending } from "./publishing/sending";

interface SyncManager {
  register(tag: string): Promise<void>;
}

/** Open the door of this phone. It works as long as the page does; a browser that lacks what it needs says so when the carer enrols. */
export async function openDoor(): Promise<Agent> {
  const keeping = new Keeping();
  const outbox = new Outbox(keeping);
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  const clock = await clockFrom(keeping).catch((error: unknown) => {
    if (error instanceof Broken) return new PhoneClock(BROWSER, null, 0);
    throw error;
  });
  const others = "BroadcastChannel" in globalThis ? new BroadcastChannel(CHANNEL) : null;
  const sending: Sending = new Sending({
    keeping,
    outbox,
    locks,
    connect: connectInPage,
    calling: () => callingFrom(keeping, outbox, () => clock.read().sync, noted),
  });
  const agent = new PhoneAgent({ keeping, outbox, clock, office: new Office(), sending, tell, sendLater });

  function tell(): void {
    others?.postMessage("changed");
  }
  function noted(): void {
    agent.changed();
    tell();
  }
  others?.addEventListener("message", () => {
    agent.changed();
    sending.changed().catch(() => sending.nudge()); // that storage does not answer is said by the pages
  });
  attend(agent, sending);
  return agent;
}

/** Heed what the browser says of the page: whether it is seen, and whether there may be a link. */
function attend(agent: PhoneAgent, sending: Sending): void {
  const wake = (): void => void agent.wake();
  document.addEventListener("visibilitychange", () => {
    const seen = document.visibilityState === "visible";
    sending.see(seen);
    if (seen) wake();
    else sendLater();
  });
  globalThis.addEventListener("online", () => {
    sending.hurry();
    wake();
  });
  if (globalThis.matchMedia?.("(display-mode: standalone)").matches) void askPersist();
  if (import.meta.env.PROD) void register();
  sending.see(document.visibilityState === "visible");
  sending.open();
  wake();
}

/** That there is no service worker keeps nobody from tapping while there is a link. */
async function register(): Promise<void> {
  await navigator.serviceWorker?.register("/t/sw.js", { scope: "/t/", updateViaCache: "none" }).catch(() => undefined);
}

/** Have the service worker send when there is a link, in browsers that can. The others send when the app is opened. */
function sendLater(): void {
  void navigator.serviceWorker?.getRegistration("/t/").then((registration) => {
    const sync = (registration as { readonly sync?: SyncManager } | undefined)?.sync;
    return sync?.register(SEND).catch(() => undefined);
  });
}
