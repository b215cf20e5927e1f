/** What were my visits, today and this week, and what of them has arrived? */

import { useEffect, useState } from "preact/hooks";
import type { Agent, State, Visit, Mine as Week } from "../agent";
import { dayOf, weekOf } from "../london";
import { Button, Heading, Note } from "./parts";
import { useWords } from "./saying";
import { minuteOf, momentOf, weekdayOf } from "./times";

export function Mine({ agent, state }: { readonly agent: Agent; readonly state: State }) {
  const words = useWords();
  const [mine, setMine] = useState<Week | null>(null);
  const [asking, setAsking] = useState(false);
  // What was tapped or has arrived meanwhile changes the state, and so the list.
  useEffect(() => void agent.mine().then(setMine), [agent, state]);
  const now = Date.now() - state.clock.byMs;
  const today = dayOf(now);
  const ask = (): void => {
    setAsking(true);
    void agent.refresh().finally(() => setAsking(false));
  };
  if (mine === null) return <Heading>{words.mine}</Heading>;
  const on = (day: string): readonly Visit[] => mine.visits.filter((visit) => visit.day === day);
  return (
    <>
      <Heading>{words.mine}</Heading>
      <Note kind="calm">{mine.asOf === null ? words.asOfNever : words.asOf(momentOf(mine.asOf, now, words.locale))}</Note>
      <p role="status">{state.waiting > 0 ? words.waiting(state.waiting) : words.allSafe}</p>
      <Button kind="second" press={() => asking || ask()}>
        {asking ? words.refreshing : words.refresh}
      </Button>
      <h2>{words.today}</h2>
      <Day visits={on(today)} nothing={words.nothingToday} caption={weekdayOf(today, words.locale)} />
      <h2>{words.week}</h2>
      {weekOf(now)
        .filter((day) => day !== today)
        .map((day) => (
          <section key={day}>
            <h3>{weekdayOf(day, words.locale)}</h3>
            <Day visits={on(day)} nothing={words.nothingThisDay} caption={weekdayOf(day, words.locale)} />
          </section>
        ))}
      <p>{words.mineSays}</p>
    </>
  );
}

function Day(props: { readonly visits: readonly Visit[]; readonly nothing: string; readonly caption: string }) {
  const words = useWords();
  if (props.visits.length === 0) return <p>{props.nothing}</p>;
  const sum = (of: (visit: Visit) => number): string => words.lasting(props.visits.reduce((all, visit) => all + of(visit), 0));
  return (
    <>
      <table>
        <caption class="hidden">{props.caption}</caption>
        <thead>
          <tr>
            {Object.values(words.columns).map((heading) => (
              <th scope="col" key={heading}>
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.visits.map((visit) => (
            <Row visit={visit} key={`${visit.ref} ${visit.plannedStart} ${visit.started} ${visit.ended}`} />
          ))}
        </tbody>
      </table>
      <p class="sums">
        {words.sums(
          sum(contactOf),
          sum((visit) => visit.travelSeconds ?? 0),
          sum((visit) => visit.waitingSeconds),
        )}
      </p>
    </>
  );
}

function Row({ visit }: { readonly visit: Visit }) {
  const words = useWords();
  const { columns } = words;
  const tapped = visit.started !== null || visit.ended !== null;
  const planned = visit.plannedStart === null ? "–" : `${minuteOf(visit.plannedStart)}, ${words.minutes(visit.plannedMinutes ?? 0)}`;
  const time = (at: number | null): string => (at === null ? words.notYet : minuteOf(at));
  return (
    <tr>
      <th scope="row">{visit.called}</th>
      <td data-label={columns.planned}>{planned}</td>
      <td data-label={columns.started}>{time(visit.started)}</td>
      <td data-label={columns.ended}>{time(visit.ended)}</td>
      <td data-label={columns.contact}>{visit.started !== null && visit.ended !== null ? words.lasting(contactOf(visit)) : "–"}</td>
      <td data-label={columns.travel}>{visit.travelSeconds === null ? "–" : words.lasting(visit.travelSeconds)}</td>
      <td data-label={columns.waited}>{visit.waitingSeconds === 0 ? "–" : words.lasting(visit.waitingSeconds)}</td>
      <td data-label={columns.safe}>{!tapped ? "–" : visit.safe ? words.safe : words.notSafe}</td>
    </tr>
  );
}

/** Seconds from start to end. */
function contactOf(visit: Visit): number {
  return visit.started === null || visit.ended === null ? 0 : Math.max(0, (visit.ended - visit.started) / 1000);
}
