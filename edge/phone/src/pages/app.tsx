/** Which page does the carer see, and what becomes of what she taps? */

import { useCallback, useEffect, useState } from "preact/hooks";
import type { Agent, Answer, Away as Met, Seen, State } from "../agent";
import type { Opened } from "../opened";
import { readAddress, readCode } from "../seeing/address";
import { choose, type Language, languageOf, wordsOf } from "../words/language";
import { Told } from "./answer";
import { Away } from "./away";
import { Home } from "./home";
import { Mine } from "./mine";
import { Heading } from "./parts";
import { type Page, type Place, usePlace } from "./place";
import { Saying, useWords } from "./saying";
import { Scan } from "./scan";
import { Settings } from "./settings";
import { Start } from "./start";

/** What nobody foresaw: nothing was confirmed, and she must know it. */
const BROKEN = { kind: "trouble", trouble: "storage broken" } as const;

export function App({ agent, opened }: { readonly agent: Agent; readonly opened: Opened }) {
  const [language, setLanguage] = useState<Language>(languageOf);
  const [state, setState] = useState<State | null>(null);
  const words = wordsOf(language);
  useEffect(() => agent.watch(setState), [agent]);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const speak = (next: Language): void => {
    choose(next);
    setLanguage(next);
  };
  return <Saying.Provider value={words}>{state !== null && <Pages {...{ agent, opened, state, language, speak }} />}</Saying.Provider>;
}

interface Around {
  readonly agent: Agent;
  readonly opened: Opened;
  readonly state: State;
  readonly language: Language;
  readonly speak: (language: Language) => void;
}

function Pages({ agent, opened, state, language, speak }: Around) {
  const words = useWords();
  const place = usePlace(opened.code !== null ? "start" : "home");
  const [code, setCode] = useState(opened.code);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const tapped = useCallback(
    (seen: Seen | Met | null, waiting = false): void => {
      if (seen === null) setAnswer({ kind: "trouble", trouble: "not a tag" });
      else void agent.tap(seen, waiting).then(setAnswer, () => setAnswer(BROKEN));
    },
    [agent],
  );
  useEffect(() => {
    if (opened.seen !== null) tapped(opened.seen);
  }, [opened, tapped]);
  // From a camera or a choice the answer leads back to the first page, and so does the phone's own way back.
  useEffect(() => setAnswer(null), [place.page]);
  const done = (): void => {
    setAnswer(null);
    if (place.page !== "home") place.back();
  };
  if (answer !== null) {
    return (
      <main id="main">
        <Told
          answer={answer}
          byMs={state.clock.byMs}
          close={done}
          confirm={(confirm) => void confirm().then(setAnswer, () => setAnswer(BROKEN))}
          key={answer.kind === "question" ? answer.question.kind : answer.kind}
        />
      </main>
    );
  }
  if (state.carer === null && state.trouble !== null) {
    // Whose phone it is cannot be read: that is not to say that it is nobody's.
    return (
      <main id="main">
        <Heading>{words.broke}</Heading>
        <p>{words.troubles[state.trouble]}</p>
      </main>
    );
  }
  const page = pageFor(place.page, state);
  const scanned = (text: string, waiting: boolean): boolean => {
    const seen = readAddress(text, "qr");
    if (seen !== null) tapped(seen, waiting);
    return seen !== null;
  };
  const codeScanned = (text: string): boolean => {
    const found = readCode(text);
    if (found !== null) {
      setCode(found);
      place.back();
    }
    return found !== null;
  };
  return (
    <>
      <a class="skip" href="#main">
        {words.skip}
      </a>
      <main id="main" key={page}>
        {page === "start" && (
          <Start agent={agent} code={code} scan={() => place.go("scan code")} done={() => place.go("home")} key={code} />
        )}
        {page === "home" && <Home state={state} go={place.go} tapped={tapped} />}
        {page === "scan" && <Scan title={words.scanTitle} says={words.scanSays} read={(text) => scanned(text, false)} back={place.back} />}
        {page === "scan waiting" && (
          <Scan title={words.scanWaiting} says={words.waitingNext} read={(text) => scanned(text, true)} back={place.back} />
        )}
        {page === "scan code" && <Scan title={words.scanTitle} says={words.scanCode} read={codeScanned} back={place.back} />}
        {page === "away" && <Away agent={agent} state={state} tapped={tapped} back={place.back} />}
        {page === "mine" && <Mine agent={agent} state={state} />}
        {page === "settings" && <Settings {...{ agent, state, language, speak }} left={() => place.go("start")} />}
      </main>
      <Rooms page={page} place={place} enrolled={state.carer !== null} />
    </>
  );
}

/** A phone that is nobody's yet can become somebody's, and change its language. */
function pageFor(page: Page, state: State): Page {
  if (state.carer !== null || page === "settings" || page === "scan code") return page;
  return "start";
}

const ROOMS = ["home", "mine", "settings"] as const;

function Rooms({ page, place, enrolled }: { readonly page: Page; readonly place: Place; readonly enrolled: boolean }) {
  const words = useWords();
  const named = { home: enrolled ? words.home : words.start, mine: words.mine, settings: words.settings };
  return (
    <nav aria-label={words.parts}>
      {ROOMS.filter((room) => enrolled || room !== "mine").map((room) => (
        <button
          type="button"
          key={room}
          aria-current={room === page || (room === "home" && page === "start") ? "page" : undefined}
          onClick={() => place.go(room)}
        >
          {named[room]}
        </button>
      ))}
    </nav>
  );
}
