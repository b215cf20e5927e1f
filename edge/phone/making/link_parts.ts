// How is mqtt.js made small enough for a phone? What it brings for Node, for other lines than WebSockets, and for its own debugging stays out.
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { createContext, runInContext } from "node:vm";
import type { Plugin } from "vite";

const INSTEAD: Record<string, string> = {
  // Node's WebSockets; a browser has its own.
  ws: "module.exports = null;",
  // A worker made of a text to keep time in: our content security policy refuses it, and `timerVariant` says that it is not wanted.
  "worker-timers": "module.exports = {};",
  debug: "module.exports = () => () => undefined;",
  // It holds the few topics for which a broker allows short names, and nothing of it is thrown out before the connection ends.
  "lru-cache": "exports.LRUCache = class extends Map { constructor() { super(); } };",
  "process-nextick-args": "exports.nextTick = (work, ...given) => queueMicrotask(() => work(...given));",
  "../../package.json": "exports.version = 'of the lock file';",
};
const OF_NODE: Record<string, string> = { buffer: "buffer/index.js", events: "events/events.js" };

export function linkParts(root: string): Plugin {
  const modules = resolve(dirname(createRequire(resolve(root, "package.json")).resolve("mqtt/package.json")), "..");
  return {
    name: "calltime-link-parts",
    enforce: "pre",
    resolveId(id, importer) {
      if (importer?.startsWith(modules) !== true) return null;
      const ofNode = OF_NODE[id];
      if (ofNode !== undefined) return resolve(modules, ofNode);
      return id in INSTEAD && (id !== "../../package.json" || importer.includes("/mqtt/build/")) ? `\0instead:${id}.js` : null;
    },
    load(id) {
      return id.startsWith("\0instead:") ? (INSTEAD[id.slice("\0instead:".length, -".js".length)] ?? null) : null;
    },
  };
}

/** Load what was built as a browser would, with nothing of Node about it: a part that is missing is found now, and not at a carer's door. */
export function tryLink(code: string): void {
  const page = createContext({ setTimeout, clearTimeout, setInterval, clearInterval, queueMicrotask, URL, TextEncoder, TextDecoder });
  Object.assign(page, {
    AbortController,
    AbortSignal,
    Event,
    EventTarget,
    DOMException,
    Blob,
    performance,
    crypto,
    ArrayBuffer,
    Uint8Array,
  });
  try {
    runInContext(
      `var self = globalThis; ${code}; if (typeof calltimeLink.connect !== "function") throw new Error("it gives no link");`,
      page,
    );
  } catch (error) {
    // Without the stack, which would repeat the whole script.
    throw new Error(`The link that was built cannot be loaded: ${error instanceof Error ? error.message : String(error)}`);
  }
}
