/** Which tag does an address name? Any host is accepted: the server decides what a tag id is. */

import type { Seen } from "../agent";

const LONGEST = 1024;
// Scheme and host may be in capitals, because a QR code of capitals is smaller. The query is taken as it stands: a tag that proves itself
// is checked over exactly these characters.
const ADDRESS = /^[Hh][Tt][Tt][Pp][Ss]:\/\/[^/?#\s]+(\/t\/[^#]*)$/;
const PATH = /^\/t\/([A-Za-z0-9_-]{1,64})(\/waiting)?(?:\?([!-"$-~]*))?$/;
const CODE = /^[Hh][Tt][Tt][Pp][Ss]?:\/\/[^/?#\s]+\/(?:enrol|t\/enrol)\/?#([A-Za-z0-9-]{1,64})$/;

/** Read the address of a tag; null: it is another one, and what it was is not repeated. */
export function readAddress(text: string, via: Seen["via"]): Seen | null {
  const found = text.length <= LONGEST ? ADDRESS.exec(text) : null;
  return found?.[1] === undefined ? null : readPath(found[1], via);
}

/** Read where this very page was opened. `enrol` is no tag: the office's code leads there. */
export function readPath(path: string, via: Seen["via"]): Seen | null {
  const found = PATH.exec(path);
  if (found?.[1] === undefined || found[1] === "enrol") return null;
  return { via, ref: found[1], proof: found[3] || null, waiting: found[2] !== undefined };
}

/** Read the code with which the office lets a phone become known. */
export function readCode(text: string): string | null {
  return CODE.exec(text)?.[1] ?? null;
}
