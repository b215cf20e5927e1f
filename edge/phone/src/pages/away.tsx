/** With whom is the carer, where there is no tag? */

import { useEffect, useState } from "preact/hooks";
import type { Agent, Away as Met, State } from "../agent";
import { Back, Button, Foot, Heading, Note } from "./parts";
import { useWords } from "./saying";

type Person = Awaited<ReturnType<Agent["people"]>>[number];

export function Away(props: {
  readonly agent: Agent;
  readonly state: State;
  readonly tapped: (met: Met) => void;
  readonly back: () => void;
}) {
  const words = useWords();
  const [people, setPeople] = useState<readonly Person[] | null>(null);
  const [chosen, setChosen] = useState<string | null>(props.state.open?.ref ?? null);
  const [missed, setMissed] = useState(false);
  useEffect(() => void props.agent.people().then(setPeople), [props.agent, props.state]); // the office may tell of homes meanwhile
  const ends = chosen !== null && chosen === props.state.open?.ref;
  return (
    <>
      <Heading>{words.awayTitle}</Heading>
      <p>{words.awaySays}</p>
      {people?.length === 0 && <Note kind="warning">{words.awayNobody}</Note>}
      {people !== null && people.length > 0 && (
        <fieldset>
          <legend>{words.awayWho}</legend>
          {missed && (
            <div role="alert">
              <Note kind="warning">{words.awayChoose}</Note>
            </div>
          )}
          {people.map((person) => (
            <label class="choice" key={person.ref}>
              <input type="radio" name="who" checked={chosen === person.ref} onChange={() => setChosen(person.ref)} />
              <span>{person.called}</span>
            </label>
          ))}
        </fieldset>
      )}
      <Foot>
        {people !== null && people.length > 0 && (
          <Button press={() => (chosen === null ? setMissed(true) : props.tapped({ via: "away", ref: chosen }))}>
            {ends ? words.awayStop : words.awayStart}
          </Button>
        )}
        <Back press={props.back} />
      </Foot>
    </>
  );
}
