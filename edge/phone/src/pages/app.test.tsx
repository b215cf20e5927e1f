// @vitest-environment happy-dom
// Does the carer see what came of her tap, whatever it is? The pages as the browser draws them, over an agent that answers as it is told.

import { render } from "preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Agent, Answer, Seen, State } from "../agent";
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
  position: false,
};

let app: HTMLElement;
beforeEach(() => {
  app = document.createElement("div");
  document.body.append(app);
});
afterEach(() => {
  render(null, app);
  app.remove();
  vi.restoreAllMocks();
});

function show(tap: () => Promise<Answer>, seen: Seen | null = SEEN): void {
  const agent = {
    tap,
    watch(listener: (state: State) => void) {
      listener(STATE);
      return () => undefined;
    },
  } as Partial<Agent> as Agent;
  render(<App agent={agent} opened={{ seen, code: null }} />, app);
}

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
  const never = (): Promise<Answer> => new Promise(() => undefined);
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
  show(() => new Promise(() => undefined), null);

  await vi.waitFor(() => expect(app.textContent).toContain(en.safariSays));
  expect(app.textContent).not.toContain(en.notPersisted);
  press(en.settings);
  await vi.waitFor(() => expect(app.textContent).toContain(en.safariTitle));
  expect(app.textContent).not.toContain(en.installTitle);
  expect(cy.safariSays).toContain("Safari");
});
