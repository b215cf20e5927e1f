/** What does a carer agree to, and how does this phone become hers? */

import { useState } from "preact/hooks";
import type { Agent, Enrolled } from "../agent";
import { Install } from "./install";
import { Button, Foot, Heading, Note } from "./parts";
import { useWords } from "./saying";

export function Start(props: {
  readonly agent: Agent;
  readonly code: string | null;
  readonly scan: () => void;
  readonly done: () => void;
}) {
  const words = useWords();
  const [stands, setStands] = useState<"asked" | "under way" | Enrolled>("asked");
  const agree = (code: string): void => {
    setStands("under way");
    void props.agent.enrol(code).then(setStands, () => setStands({ ok: false, why: "storage broken", says: null }));
  };
  if (typeof stands === "object" && stands.ok) return <Ready done={props.done} />;
  const refused = typeof stands === "object" ? stands : null;
  const hopeless = refused !== null && refused.why !== "no link";
  return (
    <>
      <Heading>{words.startTitle}</Heading>
      {refused !== null && (
        <div role="alert">
          <Note kind="warning">
            {words.enrolTroubles[refused.why]} {refused.why === "refused" || refused.why === "old browser" ? refused.says : null}
          </Note>
        </div>
      )}
      <Agreement />
      <Foot>
        {props.code === null || hopeless ? (
          <>
            <p>{words.startNoCode}</p>
            <Button press={props.scan}>{words.startScan}</Button>
          </>
        ) : (
          <Button press={() => stands !== "under way" && props.code !== null && agree(props.code)}>
            {stands === "under way" ? words.enrolling : words.agree}
          </Button>
        )}
      </Foot>
    </>
  );
}

function Agreement() {
  const words = useWords();
  return (
    <>
      <h2>{words.startWhat}</h2>
      <ul>
        {words.startRecords.map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
      <h2>{words.startNot}</h2>
      <ul>
        {words.startNots.map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
      <h2>{words.startWho}</h2>
      <p>{words.startWhoSays}</p>
      <h2>{words.startKeep}</h2>
      <p>
        <a href="/privacy">{words.privacy}</a>
      </p>
      <p>{words.startSwitch}</p>
    </>
  );
}

function Ready({ done }: { readonly done: () => void }) {
  const words = useWords();
  return (
    <>
      <Heading>{words.enrolled}</Heading>
      <p>{words.enrolledSays}</p>
      <Install />
      <Foot>
        <Button press={done}>{words.start}</Button>
      </Foot>
    </>
  );
}
