/** What does the phone ask the office by HTTP? Before it is enrolled, for the brokers; then the time, and what its carer is to know. */

import { within } from "./browser/within";
import { type Answer, encode as enrolmentRequest, decode as readAnswer } from "./wire/enrolment";
import { type Signer, sign } from "./wire/jws";
import { count, flag, list, object, orNull, reference, text, word } from "./wire/shape";

const WITHIN_MS = 20_000;

/** There was no answer, or none that could be read: try again later. */
export class NoAnswer extends Error {}

/** The office answered no. `kind`: the word that docs/api.md lists, or about:blank; the message is what the office says to people. */
export class Refused extends Error {
  readonly status: number;
  readonly kind: string;

  constructor(status: number, kind: string, says: string) {
    super(says);
    this.status = status;
    this.kind = kind;
  }
}

const readSettings = object({ brokers: list(text) }, { also: true });
const readTime = object({ now: text, nonce: text }, { also: true });

const readMine = object(
  {
    now: text,
    carer: reference,
    language: orNull(word("en", "cy")),
    position: flag,
    homes: list(object({ tag: orNull(reference), service_user: reference, called: text }, { also: true })),
    planned: list(object({ visit: text, service_user: reference, start: text, minutes: count }, { also: true })),
    visits: list(
      object(
        {
          service_user: reference,
          day: text,
          planned_start: orNull(text),
          planned_minutes: orNull(count),
          started: orNull(text),
          ended: orNull(text),
          waiting_seconds: count,
          contact_seconds: count,
        },
        { also: true },
      ),
    ),
  },
  { usual: { language: null, position: false }, also: true },
);

/** What the office tells this carer's phone: homes by their tags, the plan, and her visits. Times are text as in records. */
export type Told = ReturnType<typeof readMine>;

/** Read what the office told, now or when it was kept. Throws when it is not that. */
export const told: (answer: unknown) => Told = readMine;

export class Office {
  readonly #fetch: typeof fetch;

  constructor(fetching: typeof fetch = (...asked) => fetch(...asked)) {
    this.#fetch = fetching;
  }

  /** The addresses of brokers that a phone can use; none: the office has not been told any. Throws NoAnswer or Refused. */
  async brokers(): Promise<readonly string[]> {
    return (await this.#ask("/t/settings.json", readSettings)).brokers;
  }

  /** Bring a code and the key. Throws NoAnswer or Refused. */
  async enrol(code: string, signer: Signer): Promise<Answer> {
    return await this.#ask("/api/v1/enrolments", readAnswer, { request: await enrolmentRequest(code, signer) });
  }

  /** The office's time, epoch ms, and a word that is good for one question within some minutes. Throws NoAnswer or Refused. */
  async time(): Promise<{ readonly now: number; readonly nonce: string }> {
    const { now, nonce } = await this.#ask("/api/v1/phone/time", readTime);
    const at = Date.parse(now);
    if (Number.isNaN(at)) throw new NoAnswer("The office's time cannot be read.");
    return { now: at, nonce };
  }

  /** What this phone's carer is to know, as the office spelt it. `tags`: a few that were seen and are not known. Throws NoAnswer or Refused. */
  async mine(nonce: string, tags: readonly string[], signer: Signer): Promise<unknown> {
    const asked = { type: "calltime.mine.v1", device: signer.device, nonce, ...(tags.length > 0 && { tags }) };
    const request = await sign(asked, signer);
    const answer = await this.#ask("/api/v1/phone/mine", (given) => given, { request });
    try {
      told(answer);
    } catch (error) {
      throw new NoAnswer(`The office's answer is not as expected: ${String(error)}`, { cause: error });
    }
    return answer;
  }

  async #ask<T>(path: string, read: (answer: unknown) => T, body?: unknown): Promise<T> {
    let response: Response;
    try {
      response = await this.#fetch(path, {
        credentials: "omit", // the phone asks as a door, and not as whoever is signed in
        cache: "no-store",
        redirect: "error",
        signal: within(WITHIN_MS),
        ...(body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
      });
      if (response.ok) return read(await response.json());
    } catch (error) {
      throw new NoAnswer(`The office did not answer as expected: ${String(error)}`, { cause: error });
    }
    const problem = ((await response.json().catch(() => null)) ?? {}) as { readonly type?: unknown; readonly detail?: unknown };
    const says = typeof problem.detail === "string" ? problem.detail : null;
    if (says === null) throw new NoAnswer(`The office cannot answer now (${response.status}).`);
    const kind = String(problem.type ?? "").replace(/^urn:calltime:problem:/, "");
    throw new Refused(response.status, kind, says);
  }
}
