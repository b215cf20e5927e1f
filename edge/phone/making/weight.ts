// How much must a phone fetch before it can work? Compressed as a server sends it; the decoder of QR codes, fetched when needed, apart.
import { gzipSync } from "node:zlib";
import type { Rolldown } from "vite";

const MOST = 150_000;

/** Print what the files weigh, and fail the build when it is too much for a phone on a bad line. */
export function weigh(files: readonly Rolldown.RolldownOutput["output"][number][]): void {
  const weights = files
    .filter((file) => !file.fileName.endsWith(".png"))
    .map((file) => ({ name: file.fileName, bytes: gzipSync(file.type === "chunk" ? file.code : file.source, { level: 9 }).length }));
  const sum = weights.reduce((so_far, each) => so_far + each.bytes, 0);
  for (const { name, bytes } of weights) process.stdout.write(`phone: ${String(bytes).padStart(7)} bytes compressed  ${name}\n`);
  process.stdout.write(`phone: ${String(sum).padStart(7)} bytes in all, of ${MOST} at most\n`);
  if (sum > MOST)
    throw new Error(`The app has ${sum} bytes compressed, and ${MOST} are the most. Load what is rarely needed when it is needed.`);
}
