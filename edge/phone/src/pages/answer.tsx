/** What came of the tap? One thing, large and calm. */

import { useEffect, useMemo } from "preact/hooks";
import type { Answer, Question } from "../agent";
import { Button, Foot, Heading, Note } from "./parts";
import { useWords } from "./saying";
import { minuteOf, momentOf } from "./times";

/** Milliseconds on, off, on: a long one for what was recorded, three short ones for what was not. */
const FELT = { done: [250], already: [80, 80, 80], question: [80, 80, 80], trouble: [80, 80, 80, 80, 80] };

/** `byMs`: so much fast is the phone's clock. She may have to write down what it is when she tapped. */
export function Told(props: {
  readonly answer: Answer;
  readonly byMs: number;
  readonly close: () => void;
  readonly confirm: (question: () => Promise<Answer>) => void;
}) {
  const { answer } = props;
  const words = useWords();
  const now = useMemo(() => Date.now() - props.byMs, [answer]);
  useEffect(() => {
    // Before anything was touched in the page, browsers let nothing vibrate, and complain.
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(FELT[answer.kind]);
  }, [answer]);
  if (answer.kind === "question") {
    return <Asked question={answer.question} yes={() => props.confirm(() => answer.confirm())} no={props.close} />;
  }
  return (
    <div class={`told ${answer.kind}`}>
      <Said answer={answer} now={now} />
      <Foot>
        <Button press={props.close}>{words.close}</Button>
      </Foot>
    </div>
  );
}

function Said({ answer, now }: { readonly answer: Exclude<Answer, { kind: "question" }>; readonly now: number }) {
  const words = useWords();
  if (answer.kind === "trouble") {
    return (
      <div role="alert">
        <Heading>{words.notRecorded}</Heading>
        <p class="large">{words.troubles[answer.trouble]}</p>
        <p>{minuteOf(now)}</p>
      </div>
    );
  }
  const time = momentOf(answer.at, now, words.locale);
  if (answer.kind === "already") {
    return (
      <>
        <Heading>{words.already[answer.action]}</Heading>
        <p class="large">{words.alreadyAt(time, answer.called)}</p>
        {answer.action === "start" && <p>{words.alreadyNext}</p>}
      </>
    );
  }
  const says = { start: words.started, stop: words.ended, waiting: words.waitingSince }[answer.action];
  return (
    <>
      <Heading>{says(time, answer.called)}</Heading>
      {answer.action === "stop" && answer.began !== null && (
        <p class="large">{words.lasted(words.lasting((answer.at - answer.began) / 1000))}</p>
      )}
      {answer.action === "waiting" && <p class="large">{words.waitingNext}</p>}
      <p>{answer.clock === "sure" ? words.recorded : words.recordedUnsure}</p>
    </>
  );
}

/** Nothing is recorded before she has said. Both choices are as large. */
function Asked(props: { readonly question: Question; readonly yes: () => void; readonly no: () => void }) {
  const words = useWords();
  const { question } = props;
  const [heading, says] = sentences(question, words);
  return (
    <div class="told question">
      <Heading>{heading}</Heading>
      <p class="large">{says}</p>
      <Note kind="calm">{words.questionTime(minuteOf(question.at))}</Note>
      <Foot>
        <Button press={props.yes}>{words.goOnHere}</Button>
        <Button kind="second" press={props.no}>
          {words.notHere}
        </Button>
      </Foot>
    </div>
  );
}

function sentences(question: Question, words: ReturnType<typeof useWords>): readonly [string, string] {
  switch (question.kind) {
    case "unknown home":
      return [words.questionUnknown, words.questionUnknownSays(question.ref)];
    case "another home":
      return [words.questionAnother(question.called), words.questionAnotherSays(question.planned, minuteOf(question.plannedStart))];
    case "open elsewhere":
      return [
        words.questionOpen(question.elsewhere, momentOf(question.since, question.at, words.locale)),
        words.questionOpenSays(question.called),
      ];
  }
}
