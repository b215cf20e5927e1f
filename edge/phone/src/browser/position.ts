/** Where is the phone, at a tap and only where the council has switched it on? If the answer is slow, the tap goes without: she must not wait. */

import type { Position } from "../wire/records";

const WITHIN_MS = 600;
/** What the phone knew a moment ago will do. */
const AT_MOST_OLD_MS = 120_000;

export function whereAmI(): Promise<Position | null> {
  return new Promise((resolve) => {
    const geolocation = globalThis.navigator?.geolocation as Geolocation | undefined;
    if (geolocation === undefined) return resolve(null);
    // The browser may take its time to say that it takes too long.
    setTimeout(() => resolve(null), WITHIN_MS);
    return geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lat: coords.latitude, lon: coords.longitude, accuracy_m: coords.accuracy }),
      () => resolve(null),
      { enableHighAccuracy: true, timeout: WITHIN_MS, maximumAge: AT_MOST_OLD_MS },
    );
  });
}
