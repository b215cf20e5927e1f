// Whose work is in the app, and on which terms? The licences of all packages that it is built from go with it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
}

/** Types only: nothing of them is in what is built. */
const TYPES = /node_modules\/(@types\/|type-fest$|tagged-tag$|typescript$)/;

export function licences(root: string): string {
  const lock = JSON.parse(readFileSync(resolve(root, "package-lock.json"), "utf8")) as { packages: Record<string, Locked> };
  const built = Object.entries(lock.packages).filter(
    ([at, each]) => at.startsWith("node_modules/") && !each.dev && !TYPES.test(at) && existsSync(resolve(root, at)),
  );
  const parts = built.map(([at, each]) => {
    const name = at.slice(at.lastIndexOf("node_modules/") + "node_modules/".length);
    return `${name} ${each.version ?? ""} (${each.license ?? "see below"})\n\n${text(resolve(root, at))}`;
  });
  return [OURS, ...parts, ZXING].join(`\n\n${"-".repeat(80)}\n\n`);
}

function text(folder: string): string {
  const files = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name));
  if (files.length === 0) return "The package names its licence and brings no text of it.";
  return files.map((name) => readFileSync(resolve(folder, name), "utf8").trim()).join("\n\n");
}

const OURS = "Calltime's phone is licensed under the Apache License 2.0. It is built from the packages below, each with its own licence.";
const ZXING = "zxing-wasm holds ZXing-C++ (https://github.com/zxing-cpp/zxing-cpp), licensed under the Apache License 2.0.";
