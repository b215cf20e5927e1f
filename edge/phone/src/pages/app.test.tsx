// @vitest-environment happy-dom
// Does the carer see what came of her tap, whatever it is? The pages as the browser draws them, over an agent that answers as it is told.

import { render } from "preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Agent, Answer, Enrolled, Seen, State } from "../agent";
import { cy } from "../words/cy";
import { en } from "../words/en";
import { App } from "./app";

const SEEN: Seen = { via: "qr", ref: "t-1", proof: null, waiting: false };
const STATE: State = {
  carer: "C-017",
  trouble: null,
  online: true,
  waiting: 0,
  quarantined: 0,
  persisted: false,
  clock: { state: "sure", byMs: 0 },
  open: null,
};

let app: HTMLElement;
beforeEach(() => {
  app = document.createElement("div");
  document.body.append(app);
});
afterEach(() => {
  render(null, app);
  app.remove();
  history.replaceState(null, "");
  vi.restoreAllMocks();
});

interface Shown {
  readonly seen?: Seen | null;
  readonly code?: string | null;
  readonly state?: Partial<State>;
  readonly enrol?: () => Promise<Enrolled>;
}

function show(tap: () => Promise<Answer>, { seen = SEEN, code = null, state = {}, ...can }: Shown = {}): void {
  const agent = {
    tap,
    watch(listener: (state: State) => void) {
      listener({ ...STATE, ...state });
      return () => undefined;
    },
    ...can,
  } as Partial<Agent> as Agent;
  render(<App agent={agent} opened={{ seen, code }} />, app);
}

const never = (): Promise<never> => new Promise(() => undefined);

const heading = (): string => app.querySelector("h1")?.textContent ?? "";
const press = (name: string): void => [...app.querySelectorAll("button")].find(({ textContent }) => textContent === name)?.click();

test("a tap that fails as nobody foresaw is said not to be recorded", async () => {
  show(() => Promise.reject(new TypeError("nobody foresaw this")));

  await vi.waitFor(() => expect(heading()).toBe(en.notRecorded));
  expect(app.textContent).toContain(en.troubles["storage broken"]);
});

test("so is an answer that fails", async () => {
  const question = { kind: "unknown home", at: 0, ref: "t-1" } as const;
  show(async () => ({ kind: "question", question, confirm: () => Promise.reject(new TypeError("nobody foresaw this")) }));
  await vi.waitFor(() => expect(heading()).toBe(en.questionUnknown));
  press(en.goOnHere);

  await vi.waitFor(() => expect(heading()).toBe(en.notRecorded));
});

test("a second question takes the focus, so that a screen reader reads it", async () => {
  const second = { kind: "another home", at: 0, called: "M. J.", planned: "A. B.", plannedStart: 0 } as const;
  const first = { kind: "open elsewhere", at: 0, called: "M. J.", elsewhere: "C. D.", since: 0 } as const;
  show(async () => ({
    kind: "question",
    question: first,
    confirm: async () => ({ kind: "question", question: second, confirm: never }),
  }));
  await vi.waitFor(() => expect(heading()).toContain("C. D."));
  press(en.goOnHere);

  await vi.waitFor(() => expect(heading()).toBe(en.questionAnother("M. J.")));
  await vi.waitFor(() => expect(document.activeElement).toBe(app.querySelector("h1")));
});

test("on an iPhone she is told to stay in Safari, and not to install what would not know her", async () => {
  vi.spyOn(navigator, "userAgent", "get").mockReturnValue("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Safari/604.1");
  show(never, { seen: null });

  await vi.waitFor(() => expect(app.textContent).toContain(en.safariSays));
  expect(app.textContent).not.toContain(en.notPersisted);
  press(en.settings);
  await vi.waitFor(() => expect(app.textContent).toContain(en.safariTitle));
  expect(app.textContent).not.toContain(en.installTitle);
  expect(cy.safariSays).toContain("Safari");
});

test("the phone's own way back leads from the answer to the first page", async () => {
  history.replaceState({ page: "settings" }, "");
  show(async () => ({ kind: "trouble", trouble: "not a tag" }));
  await vi.waitFor(() => expect(heading()).toBe(en.notRecorded));
  dispatchEvent(Object.assign(new Event("popstate"), { state: null }));

  await vi.waitFor(() => expect(heading()).toBe(en.noVisit));
});

test("by a phone whose clock is three hours fast a visit has lasted as long as it has", async () => {
  const byMs = 3 * 3_600_000;
  const open = { called: "M. J.", ref: "SU-1", since: Date.now() - byMs - 10 * 60_000 };
  show(never, { seen: null, state: { clock: { state: "wrong", byMs }, open } });

  await vi.waitFor(() => expect(app.querySelector(".open p")?.textContent).toBe(en.openFor("10 minutes")));
});

test("a phone whose storage cannot be read says so, and not that it is nobody's or that all has arrived", async () => {
  show(never, { seen: null, state: { carer: null, trouble: "storage broken" } });

  await vi.waitFor(() => expect(app.textContent).toContain(en.troubles["storage broken"]));
  expect(app.textContent).not.toContain(en.startNoCode);
  expect(app.textContent).not.toContain(en.allSafe);
});

test("an enrolment that fails as nobody foresaw is said to have failed", async () => {
  const enrol = (): Promise<Enrolled> => Promise.reject(new TypeError("nobody foresaw this"));
  show(never, { seen: null, code: "ABCD", state: { carer: null }, enrol });
  await vi.waitFor(() => expect(heading()).toBe(en.startTitle));
  press(en.agree);

  await vi.waitFor(() => expect(app.textContent).toContain(en.enrolTroubles["storage broken"]));
});
