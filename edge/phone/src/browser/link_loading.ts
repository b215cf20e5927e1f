/** How does a page come by the link to the broker? It is a large part of the app, so it is loaded when there is something to send. */

import type { Connect } from "../link/broker_link";

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
  if (__LINK__ === "") return (await import("../link/broker_link")).connect;
  await import(/* @vite-ignore */ __LINK__);
  if (globalThis.calltimeLink === undefined) throw new Error("the script holds no link");
  return globalThis.calltimeLink.connect;
}
