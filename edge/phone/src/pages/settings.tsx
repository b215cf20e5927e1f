/** In which language, what is this app, and how does it come off the phone again? */

import { useState } from "preact/hooks";
import type { Agent, State } from "../agent";
import { cy } from "../words/cy";
import { en } from "../words/en";
import type { Language } from "../words/language";
import { Install } from "./install";
import { Button, Heading, Note } from "./parts";
import { useWords } from "./saying";

const LANGUAGES = [
  ["en", en.language],
  ["cy", cy.language],
] as const;

export function Settings(props: {
  readonly agent: Agent;
  readonly state: State;
  readonly language: Language;
  readonly speak: (language: Language) => void;
  readonly left: () => void;
}) {
  const words = useWords();
  return (
    <>
      <Heading>{words.settings}</Heading>
      <fieldset>
        <legend>{words.chooseLanguage}</legend>
        {LANGUAGES.map(([language, name]) => (
          <label class="choice" key={language} lang={language}>
            <input type="radio" name="language" checked={props.language === language} onChange={() => props.speak(language)} />
            <span>{name}</span>
          </label>
        ))}
      </fieldset>
      <Install />
      <h2>{words.kept}</h2>
      <p>{words.keptSays}</p>
      <p>
        <a href="/privacy">{words.privacy}</a>
      </p>
      <h2>{words.about}</h2>
      {props.state.carer !== null && <p>{words.carer(props.state.carer)}</p>}
      <p>
        {words.software}: {__SOFTWARE__}
      </p>
      <p>
        <a href="/t/licences.txt">{words.licences}</a>
      </p>
      {props.state.carer !== null && <Leave agent={props.agent} state={props.state} left={props.left} />}
    </>
  );
}

function Leave({ agent, state, left }: { readonly agent: Agent; readonly state: State; readonly left: () => void }) {
  const words = useWords();
  const { waiting, quarantined } = state;
  const [sure, setSure] = useState(false);
  const leave = (evenSo: boolean): void => void agent.leave(evenSo).then((gone) => (gone ? left() : setSure(true)));
  return (
    <section>
      <h2>{words.leaveTitle}</h2>
      <p>{words.leaveSays}</p>
      {sure ? (
        <div role="alert">
          {waiting > 0 && <Note kind="warning">{words.leaveWaiting(waiting)}</Note>}
          {quarantined > 0 && <Note kind="warning">{words.leaveAside(quarantined)}</Note>}
          <Button kind="danger" press={() => leave(true)}>
            {words.leaveEvenSo}
          </Button>
          <Button kind="second" press={() => setSure(false)}>
            {words.keep}
          </Button>
        </div>
      ) : (
        <Button kind="danger" press={() => (waiting + quarantined > 0 ? setSure(true) : leave(false))}>
          {words.leave}
        </Button>
      )}
    </section>
  );
}
