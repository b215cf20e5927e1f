/** By what was the app opened: a tag's address, the office's code, or nothing of that kind? */

import type { Seen } from "./agent";
import { readPath } from "./seeing/address";

export interface Opened {
  readonly seen: Seen | null;
  readonly code: string | null;
}

/**
 * Read where the page was opened, and forget it: whoever comes back or loads the page again must not tap again, and a code is good once.
 *
 * The phone's own NFC and camera both open the address and do not say which of them it was. A dynamic message comes from a chip alone;
 * without one the weaker of the two counts, the printed code.
 */
export function readOpened(): Opened {
  const { pathname, search, hash } = location;
  const seen = readPath(pathname + search, search === "" ? "qr" : "nfc");
  const code = pathname.replace(/\/$/, "") === "/t/enrol" && /^#[A-Za-z0-9-]{1,64}$/.test(hash) ? hash.slice(1) : null;
  if (pathname !== "/t/" || search !== "" || hash !== "") history.replaceState(null, "", "/t/");
  return { seen, code };
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
