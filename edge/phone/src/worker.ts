/** What works when no page does? The service worker: it opens the app without a link, and sends what waits when the link comes back. */

/// <reference lib="webworker" />

import { CHANNEL, SEND } from "./between";
import { within } from "./browser/within";
import { Keeping } from "./keeping/database";
import { Outbox } from "./keeping/outbox";
import type { Connect } from "./link/broker_link";
import { callingFrom, clockFrom } from "./publishing/calling";
import { Publisher } from "./publishing/publisher";
import { ifFree } from "./publishing/turn";

/** Written in by the build: the shell itself, and the addresses of what it needs. */
declare const __SHELL__: string;
declare const __KEPT__: readonly string[];
declare const __DECODER__: readonly string[];
declare const self: ServiceWorkerGlobalScope;

interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
  readonly lastChance: boolean;
}

const SHELL = "/t/";
/** The name of what this version keeps: the build writes the shell with the names of its parts, and those hold digests of what is in them. */
const OURS = `calltime ${digestOf(__SHELL__ + __KEPT__.join())}`;
const PREFIX = "calltime ";
/** So long a browser lets a worker work on; a little less, so that it ends by itself. */
const SEND_WITHIN_MS = 100_000;

self.addEventListener("install", (event) => {
  event.waitUntil(keep());
});

async function keep(): Promise<void> {
  importScripts(__LINK__); // what is not taken in now cannot be taken in later
  const cache = await caches.open(OURS);
  await cache.addAll(__KEPT__);
  await cache.put(SHELL, new Response(__SHELL__, { headers: await shellHeaders() }));
  await self.skipWaiting();
}

/** The shell is kept with the headers that the server gives it: its content security policy holds without a link, too. */
async function shellHeaders(): Promise<Headers> {
  const { ok, headers } = await fetch(SHELL, { cache: "no-store", redirect: "error", credentials: "omit" });
  if (!ok) throw new Error("The server does not give the shell out.");
  const kept = new Headers({ "Content-Type": "text/html; charset=utf-8" });
  for (const name of [
    "Content-Security-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
    "Cross-Origin-Opener-Policy",
  ]) {
    const value = headers.get(name);
    if (value !== null) kept.set(name, value);
  }
  return kept;
}

self.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([self.clients.claim(), forgetOld(), keepDecoder()]));
});

/** A page of the version before may still be open, and load parts of it: that version stays until the next one comes. */
async function forgetOld(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== OURS);
  await Promise.all(old.slice(0, -1).map((name) => caches.delete(name)));
}

/** The decoder of QR codes is large, and of use only where the browser has none. That it is missing must not keep the app from working. */
async function keepDecoder(): Promise<void> {
  if ("BarcodeDetector" in self || __DECODER__.length === 0) return;
  const cache = await caches.open(OURS);
  await cache.addAll(__DECODER__).catch(() => undefined);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin || !url.pathname.startsWith(SHELL)) return;
  // Every address of the app without a full stop in it is the shell; nothing that it needs is asked for over the air.
  if (request.mode === "navigate" && !url.pathname.includes(".")) event.respondWith(kept(SHELL, request));
  else if (url.pathname.startsWith("/t/assets/")) event.respondWith(kept(url.pathname, request));
});

async function kept(path: string, request: Request): Promise<Response> {
  const found = (await (await caches.open(OURS)).match(path)) ?? (await caches.match(path));
  return found ?? (await fetch(request));
}

self.addEventListener("sync" as never, (event: SyncEvent) => {
  if (event.tag === SEND) event.waitUntil(send());
});

/** Send what waits. If some of it is left, fail: then the browser tries again later. */
async function send(): Promise<void> {
  const keeping = new Keeping();
  const outbox = new Outbox(keeping);
  const clock = await clockFrom(keeping);
  const calling = await callingFrom(keeping, outbox, () => clock.read().sync, tell);
  if (calling === null || (await outbox.counts()).waiting === 0) return;
  const ended = within(SEND_WITHIN_MS);
  const publisher = new Publisher(calling, keeping, outbox, connect);
  const ours = await ifFree(self.navigator.locks, ended, (turn) => publisher.run(turn, { untilSent: true }));
  if (ours && (await outbox.counts()).waiting > 0) throw new Error("Some records have no receipt yet.");
}

/** Pages that are open see it at once. */
function tell(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage("changed");
  channel.close();
}

const connect: Connect = async (call) => {
  try {
    if (globalThis.calltimeLink === undefined) importScripts(__LINK__);
    return (await globalThis.calltimeLink?.connect(call)) ?? { why: "unreachable", says: "The script holds no link." };
  } catch (error) {
    return { why: "unreachable", says: String(error) };
  }
};

/** A short name for a text (FNV-1a): it must differ when the text does, and be known at once. */
function digestOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place++) hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
  return (hash >>> 0).toString(36);
}
