/** What time is it, how long has this boot lasted, and how far can the clock be trusted? */

import type { Sync } from "./wire/records";

/** The clock at one moment: epoch ms, the id of this boot, milliseconds since it began, what set the clock, its error. */
export interface Reading {
  readonly now: number;
  readonly boot: string;
  readonly up_ms: number;
  readonly sync: Sync;
  readonly error_ms: number;
}

/** The two clocks of a browser. */
export interface Ticking {
  /** Epoch ms, as whoever owns the phone has set it. */
  wall(): number;
  /** Milliseconds since some moment. It stands still while some phones sleep. */
  up(): number;
}

/** What was found when the office was asked the time; kept, because most boots never reach the office. */
export interface Comparison {
  /** The wall clock minus the office's time. */
  readonly byMs: number;
  /** The wall clock then. */
  readonly wall: number;
}

/** No phone ran this software before. A clock that says so knows nothing. */
export const RELEASED = Date.UTC(2026, 0, 1);
/** What stands for an error that nobody can tell. */
export const UNKNOWN_ERROR_MS = 86_400_000;
/** Drift of a clock that nothing disciplines, as docs/wire.md states it. */
export const DRIFT_PPM = 100;
/** Wall clock and up-time may come apart by so much: corrections of a second and rounding. Beyond, the phone slept or its clock was set. */
const APART_MS = 2000;
/**
 * A phone's clock that was right when it was last compared. Phones set theirs by the network, and nobody can tell when it did so last: the
 * drift since is added.
 */
const TRUSTED_ERROR_MS = 300_000;
/** So far off is a clock that people should be told of, and that is not to be trusted. */
export const WRONG_MS = 60_000;
/** What half of the round trip does not tell: the office's own clock, and the time that its answer took to be written. */
const ON_THE_WAY_MS = 1000;
/** Small corrections of the wall clock are no step backwards. */
const BACKWARDS_MS = 2000;

interface Anchor {
  readonly office: number;
  readonly up: number;
  readonly errorMs: number;
}

export class PhoneClock {
  readonly #ticking: Ticking;
  readonly #newId: () => string;
  #boot: { readonly id: string; readonly began: number; readonly apart: number };
  #anchor: Anchor | null = null;
  #compared: Comparison | null;
  #latest: number;

  /** `latest`: the latest that the wall clock is known to have shown. */
  constructor(ticking: Ticking, compared: Comparison | null, latest: number, newId: () => string = () => crypto.randomUUID()) {
    this.#ticking = ticking;
    this.#newId = newId;
    this.#compared = compared;
    this.#latest = Math.max(latest, compared?.wall ?? 0);
    this.#boot = this.#begin(ticking.up());
  }

  /** Read it. When wall clock and up-time have come apart, this is another boot. */
  read(): Reading {
    const wall = this.#ticking.wall();
    const up = this.#ticking.up();
    if (Math.abs(wall - up - this.#boot.apart) > APART_MS) {
      this.#boot = this.#begin(up);
      this.#anchor = null;
    }
    const trusted = this.#trusts(wall);
    const boot = { boot: this.#boot.id, up_ms: Math.max(0, Math.floor(up - this.#boot.began)) };
    if (this.#anchor !== null) {
      const since = up - this.#anchor.up;
      const error_ms = Math.ceil(this.#anchor.errorMs + (since * DRIFT_PPM) / 1_000_000);
      return { ...boot, now: Math.round(this.#anchor.office + since), sync: "ntp", error_ms };
    }
    if (trusted) {
      const since = Math.max(0, wall - (this.#compared?.wall ?? wall));
      const error_ms = Math.min(UNKNOWN_ERROR_MS, TRUSTED_ERROR_MS + Math.ceil((since * DRIFT_PPM) / 1_000_000));
      return { ...boot, now: Math.round(wall), sync: "rtc", error_ms };
    }
    return { ...boot, now: this.#guess(wall), sync: "none", error_ms: UNKNOWN_ERROR_MS };
  }

  /** The latest that the wall clock has shown, to be kept with every record. */
  get latest(): number {
    return this.#latest;
  }

  /** The wall clock minus the office's time, as it was last found; 0 before. */
  get byMs(): number {
    return this.#compared?.byMs ?? 0;
  }

  /** Begin to ask the office for the time; hand its answer to what is returned, which says what is to be kept, or null when it is worth nothing. */
  asking(): (office: number) => Comparison | null {
    const boot = this.read().boot;
    const asked = this.#ticking.up();
    return (office) => {
      if (this.read().boot !== boot) return null; // it slept, or was set, on the way
      const answered = this.#ticking.up();
      const trip = answered - asked;
      const wall = this.#ticking.wall();
      this.#anchor = { office: office + trip / 2, up: answered, errorMs: Math.ceil(trip / 2) + ON_THE_WAY_MS };
      this.#compared = { byMs: Math.round(wall - this.#anchor.office), wall };
      this.#latest = wall; // whatever it said before, now it is known what it is worth
      return this.#compared;
    };
  }

  #begin(up: number): { readonly id: string; readonly began: number; readonly apart: number } {
    return { id: this.#newId(), began: up, apart: this.#ticking.wall() - up };
  }

  #trusts(wall: number): boolean {
    const forwards = wall >= this.#latest - BACKWARDS_MS;
    if (forwards) this.#latest = Math.max(this.#latest, wall);
    return forwards && wall >= RELEASED && this.#compared !== null && Math.abs(this.#compared.byMs) <= WRONG_MS;
  }

  /** The best that can be said of a clock that is not trusted: it is likely to be as wrong as it was. */
  #guess(wall: number): number {
    const corrected = this.#compared !== null && Math.abs(this.#compared.byMs) > WRONG_MS ? wall - this.#compared.byMs : wall;
    return Math.max(0, Math.round(corrected));
  }
}

/** The clocks of this page or worker. */
export const BROWSER: Ticking = { wall: () => Date.now(), up: () => performance.now() };
