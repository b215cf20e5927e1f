/** Whose home is it, and what is it called? From what the office told last. */

import type { Away, Seen } from "./agent";
import type { Told } from "./office";

const INITIALS = 10;

export class Homes {
  readonly #byTag = new Map<string, string>();
  readonly #called = new Map<string, string>();

  constructor(told: Told | null) {
    for (const { tag, service_user, called } of told?.homes ?? []) {
      if (tag !== null) this.#byTag.set(tag, service_user);
      // Initials stay on one line; a longer name may be broken on a small screen.
      this.#called.set(service_user, called.length <= INITIALS ? called.replaceAll(" ", "\u00a0") : called);
    }
  }

  /** The service user whose home a tag is at, or with whom the carer is away; a tag that is not known stands for itself. */
  whose(place: Pick<Seen | Away, "ref"> & { readonly via: string }): string {
    return place.via === "away" ? place.ref : (this.#byTag.get(place.ref) ?? place.ref);
  }

  /** Whether the office has told of this tag. */
  knows(tag: string): boolean {
    return this.#byTag.has(tag);
  }

  /** What a service user is called on phones, or the reference where nothing is known. */
  called(whose: string): string {
    return this.#called.get(whose) ?? whose;
  }

  /** All of them, by what they are called. */
  people(): readonly { readonly ref: string; readonly called: string }[] {
    return [...this.#called].map(([ref, called]) => ({ ref, called })).sort((one, other) => one.called.localeCompare(other.called));
  }
}
