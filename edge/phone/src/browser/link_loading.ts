/** How does a page come by the link to the broker? It is a large part of the app, so it is loaded when there is something to send. */

import type { Connect } from "../link/broker_link";

/** Painting may never come: nobody may see the page. */
const AT_LATEST_MS = 2000;

let loading: Promise<Connect> | null = null;

/** Connect by the script that was built beside the app; loaded once. */
export const connectInPage: Connect = async (call) => {
  loading ??= load().catch((error: unknown) => {
    loading = null;
    throw error;
  });
  try {
    return await (await loading)(call);
  } catch (error) {
    return { why: "unreachable", says: `The part of the app that sends could not be loaded: ${String(error)}` };
  }
};

async function load(): Promise<Connect> {
  await untilShown();
  if (__LINK__ === "") return (await import("../link/broker_link")).connect;
  await import(/* @vite-ignore */ __LINK__);
  if (globalThis.calltimeLink === undefined) throw new Error("the script holds no link");
  return globalThis.calltimeLink.connect;
}

/** To read the script takes a slow phone the better part of a second. What the carer is waiting to see comes first. */
async function untilShown(): Promise<void> {
  await Promise.race([painted(), new Promise((late) => setTimeout(late, AT_LATEST_MS))]);
  await new Promise<void>((idle) => {
    if ("requestIdleCallback" in globalThis) requestIdleCallback(() => idle(), { timeout: AT_LATEST_MS });
    else setTimeout(idle, 300);
  });
}

function painted(): Promise<void> {
  return new Promise((go) => {
    if (!globalThis.PerformanceObserver?.supportedEntryTypes?.includes("paint")) return go();
    const watching = new PerformanceObserver((seen) => {
      if (seen.getEntriesByName("first-contentful-paint").length === 0) return;
      watching.disconnect();
      go();
    });
    return watching.observe({ type: "paint", buffered: true });
  });
}
