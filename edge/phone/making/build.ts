// What is built, in which order? The link to the broker, the app, and the service worker that keeps both on the phone.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { build, type Rolldown } from "vite";
import { licences } from "./licences.ts";
import { linkParts, tryLink } from "./link_parts.ts";
import { manifest } from "./manifest.ts";
import { weigh } from "./weight.ts";

const here = resolve(import.meta.dirname, "..");
const out = resolve(here, "../../server/calltime_server/web/static/phone");
const version = /^version = "(.+)"$/m.exec(readFileSync(resolve(here, "../../pyproject.toml"), "utf8"))?.[1] ?? "unknown";
const software = JSON.stringify(`calltime-phone ${version}`);

type Made = Rolldown.RolldownOutput["output"];

/** Build one file that works as a classic script in every browser's service worker, and imported as a module in a page. */
async function alone(entry: string, fileName: string, define: Record<string, string>): Promise<Made> {
  const made = await build({
    root: here,
    configFile: resolve(here, "vite.config.ts"),
    logLevel: "warn",
    define: { ...define, process: "undefined" },
    plugins: [linkParts(here)],
    build: {
      emptyOutDir: false,
      rolldownOptions: {
        input: resolve(here, entry),
        transform: { define: { "import.meta": "{}" } }, // a classic script has none, and what Vite asks of it is of no use here
        output: { format: "iife", name: "calltime", entryFileNames: fileName, codeSplitting: false },
      },
    },
  });
  return only(made);
}

function only(made: Awaited<ReturnType<typeof build>>): Made {
  if (Array.isArray(made) || !("output" in made)) throw new Error("One build was asked for, and another number of them was made.");
  return made.output;
}

function isOfTheDecoder(file: Made[number]): boolean {
  return file.fileName.endsWith(".wasm") || (file.type === "chunk" && file.moduleIds.some((id) => id.includes("/zxing-wasm/")));
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const link = await alone("src/link/entry.ts", "assets/link-[hash].js", { __LINK__: '""', __SOFTWARE__: software });
tryLink(link[0].code);
const linkAt = `/t/${link[0].fileName}`;

const app = only(
  await build({
    root: here,
    configFile: resolve(here, "vite.config.ts"),
    logLevel: "warn",
    define: { __LINK__: JSON.stringify(linkAt), __SOFTWARE__: software },
    plugins: [manifest(here)],
    build: { emptyOutDir: false },
  }),
);

const kept = app.filter((file) => file.fileName.startsWith("assets/") && !isOfTheDecoder(file)).map((file) => `/t/${file.fileName}`);
const decoder = app.filter(isOfTheDecoder).map((file) => `/t/${file.fileName}`);
const shell = app.find((file) => file.fileName === "index.html");
if (shell?.type !== "asset") throw new Error("The build made no index.html.");

const worker = await alone("src/worker.ts", "sw.js", {
  __LINK__: JSON.stringify(linkAt),
  __SOFTWARE__: software,
  __SHELL__: JSON.stringify(String(shell.source)),
  __KEPT__: JSON.stringify([...kept, linkAt]),
  __DECODER__: JSON.stringify(decoder),
});

writeFileSync(resolve(out, "licences.txt"), licences(here));
weigh([...link, ...app.filter((file) => !isOfTheDecoder(file)), ...worker]);
