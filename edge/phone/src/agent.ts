/** What can the phone do, whatever it looks like? The pages know this and nothing beneath it. */

/** What was seen of a tag: its id, how, and what it said of itself. `waiting`: its second address, "not let in yet". */
export interface Seen {
  readonly via: "nfc" | "qr";
  readonly ref: string;
  readonly proof: string | null;
  readonly waiting: boolean;
}

/** A visit away from the home: nothing was tapped, the carer says with whom she is. */
export interface Away {
  readonly via: "away";
  readonly ref: string;
}

export type Action = "start" | "stop" | "waiting";

/** Something only the carer can say; nothing is recorded before she has. `at` (epoch ms) is when she tapped, and what will be recorded. */
export type Question =
  /** Nobody planned is known at this tag. */
  | { readonly kind: "unknown home"; readonly at: number; readonly ref: string }
  /** Planned elsewhere about now. */
  | { readonly kind: "another home"; readonly at: number; readonly called: string; readonly planned: string; readonly plannedStart: number }
  /** A visit at another home is open. Its end is not invented: the office will ask for it. */
  | { readonly kind: "open elsewhere"; readonly at: number; readonly called: string; readonly elsewhere: string; readonly since: number };

/** Why nothing was recorded. */
export type Trouble =
  | "not enrolled" // this phone belongs to nobody yet
  | "revoked" // the office took it away
  | "storage full" // another tap cannot be kept, so none is confirmed
  | "storage broken"
  | "another chain" // the office has other records under this key: two phones, or a memory that was set back
  | "not a tag";

export type Answer =
  | {
      readonly kind: "done";
      readonly action: Action;
      readonly called: string;
      readonly at: number;
      readonly began: number | null;
      readonly clock: "sure" | "unsure";
    }
  /** The same once more within a minute: nothing was changed. */
  | { readonly kind: "already"; readonly action: Action; readonly called: string; readonly at: number }
  | { readonly kind: "question"; readonly question: Question; confirm(): Promise<Answer> }
  | { readonly kind: "trouble"; readonly trouble: Trouble };

export type EnrolTrouble = "no link" | "bad code" | "enrolled already" | "storage broken" | "old browser" | "not for phones" | "refused";
export type Enrolled = { readonly ok: true } | { readonly ok: false; readonly why: EnrolTrouble; readonly says: string | null };

/** How the phone stands: told anew whenever something of it changes. */
export interface State {
  readonly carer: string | null; // null: not enrolled
  readonly trouble: Trouble | null;
  readonly online: boolean;
  readonly waiting: number; // taps without a receipt
  readonly quarantined: number; // refused by the office, kept here, shown
  readonly persisted: boolean; // the browser promises not to evict what is kept
  readonly clock: { readonly state: "sure" | "unsure" | "wrong"; readonly byMs: number }; // the phone's clock minus the office's
  readonly open: { readonly called: string; readonly ref: string; readonly since: number } | null;
}

/** A visit as the carer sees it, planned or tapped or both; times are epoch ms. `safe`: every tap of it is receipted. */
export interface Visit {
  readonly day: string; // YYYY-MM-DD, of London
  readonly called: string;
  readonly ref: string; // the service user
  readonly plannedStart: number | null;
  readonly plannedMinutes: number | null;
  readonly started: number | null;
  readonly ended: number | null;
  readonly waitingSeconds: number;
  readonly travelSeconds: number | null; // from the stop before to this start
  readonly safe: boolean;
}

export interface Mine {
  readonly asOf: number | null; // when the office was asked last; null: never
  readonly visits: readonly Visit[]; // of this week, oldest first; what was tapped here stands in it whether the office knows it or not
}

export interface Agent {
  /** Tell now, and whenever it changes; returns how to stop. */
  watch(listener: (state: State) => void): () => void;
  enrol(code: string): Promise<Enrolled>;
  /** The carer tapped a tag, or says that she is away with somebody. `waiting`: she says that she is not let in yet. */
  tap(seen: Seen | Away, waiting: boolean): Promise<Answer>;
  mine(): Promise<Mine>;
  /** People known to this phone, for a visit away from home: those planned or seen lately. */
  people(): Promise<readonly { readonly ref: string; readonly called: string }[]>;
  /** Send what waits, and ask the office for the plan; resolves when tried. */
  refresh(): Promise<void>;
  /** Take everything off this phone. Refuses (false) while taps wait or are set aside, unless `evenSo`. */
  leave(evenSo: boolean): Promise<boolean>;
}
