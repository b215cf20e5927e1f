/** By what was the app opened: a tag's address, the office's code, or nothing of that kind? */

import type { Seen } from "./agent";
import { readPath } from "./seeing/address";

/** What a chip writes into its address anew each time it is read: who it is and how often it was read, enciphered, and a digest of it. */
const OF_A_CHIP = [/^[0-9A-Fa-f]{32}$/, /^[0-9A-Fa-f]{16}$/] as const;

export interface Opened {
  readonly seen: Seen | null;
  readonly code: string | null;
}

/**
 * Read where the page was opened, and forget it: whoever comes back or loads the page again must not tap again, and a code is good once.
 *
 * The phone's own NFC and camera both open the address and do not say which of them it was. A dynamic message comes from a chip alone;
 * without one the weaker of the two counts, the printed code. That it has the shape of one does not make it true: it is recorded as it came.
 */
export function readOpened(): Opened {
  const { pathname, search, hash } = location;
  const seen = readPath(pathname + search, isOfChip(search) ? "nfc" : "qr");
  const code = pathname.replace(/\/$/, "") === "/t/enrol" && /^#[A-Za-z0-9-]{1,64}$/.test(hash) ? hash.slice(1) : null;
  if (pathname !== "/t/" || search !== "" || hash !== "") history.replaceState(null, "", "/t/");
  return { seen, code };
}

function isOfChip(search: string): boolean {
  const query = new URLSearchParams(search);
  const [enciphered, digest] = OF_A_CHIP;
  return enciphered.test(query.get("e") ?? "") && digest.test(query.get("c") ?? "");
}

/** A page that the browser loads ahead of its being looked at must not tap. */
export async function untilSeen(): Promise<void> {
  while (document.visibilityState !== "visible" || (document as { readonly prerendering?: boolean }).prerendering === true) {
    await new Promise<void>((next) => {
      const heard = (): void => {
        document.removeEventListener("visibilitychange", heard);
        document.removeEventListener("prerenderingchange", heard);
        next();
      };
      document.addEventListener("visibilitychange", heard);
      document.addEventListener("prerenderingchange", heard);
    });
  }
}
