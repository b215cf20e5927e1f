/** How do I tap, and how do things stand? */

import { useEffect, useState } from "preact/hooks";
import type { Seen, State } from "../agent";
import { knowsNfc, mayReadNfc, readTags } from "../seeing/nfc";
import { staysInSafari } from "./install";
import { Button, Foot, Heading, Note } from "./parts";
import type { Page } from "./place";
import { useWords } from "./saying";
import { momentOf } from "./times";

export function Home(props: { readonly state: State; readonly go: (page: Page) => void; readonly tapped: (seen: Seen | null) => void }) {
  const words = useWords();
  const { open, clock } = props.state;
  return (
    <>
      {open === null ? (
        <Heading>{words.noVisit}</Heading>
      ) : (
        <div class="open">
          <Heading>{words.started(momentOf(open.since, Date.now() - clock.byMs, words.locale), open.called)}</Heading>
          <Running since={open.since + clock.byMs} />
        </div>
      )}
      <Standing state={props.state} />
      <Foot>
        <Hold tapped={props.tapped} />
        <Button press={() => props.go("scan")}>{open === null ? words.scan : words.scanEnd}</Button>
        <div class="pair">
          <Button kind="second" press={() => props.go("scan waiting")}>
            {words.notLetIn}
          </Button>
          <Button kind="second" press={() => props.go("away")}>
            {words.away}
          </Button>
        </div>
      </Foot>
    </>
  );
}

/** How long the visit lasts, told anew with each minute; not read aloud each time. `since`: by the phone's clock, right or wrong. */
function Running({ since }: { readonly since: number }) {
  const words = useWords();
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const ticking = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(ticking);
  }, []);
  return <p>{words.openFor(words.lasting(Math.max(0, (now - since) / 1000)))}</p>;
}

/** What waits, and what the carer should know of this phone: in the order of its weight. */
function Standing({ state }: { readonly state: State }) {
  const words = useWords();
  return (
    <div role="status" class="standing">
      {state.trouble !== null && <Note kind="warning">{words.troubles[state.trouble]}</Note>}
      {state.quarantined > 0 && <Note kind="warning">{words.quarantined(state.quarantined)}</Note>}
      {state.clock.state === "wrong" && (
        <Note kind="warning">
          {words.clockWrong(state.clock.byMs < 0, words.lasting(Math.round(Math.abs(state.clock.byMs) / 60_000) * 60))}
        </Note>
      )}
      {state.clock.state === "unsure" && <Note kind="calm">{words.clockUnsure}</Note>}
      <Note kind="calm">{state.waiting > 0 ? words.waiting(state.waiting) : words.allSafe}</Note>
      {!state.online && (state.waiting > 0 || !navigator.onLine) && <Note kind="calm">{words.offline}</Note>}
      {!state.persisted && <Note kind="warning">{staysInSafari() ? words.safariSays : words.notPersisted}</Note>}
    </div>
  );
}

/** Web NFC: reads at once where the carer has allowed it before, and asks by a button where not. */
function Hold({ tapped }: { readonly tapped: (seen: Seen | null) => void }) {
  const words = useWords();
  const [stands, setStands] = useState<"none" | "asks" | "reads" | "refused">(knowsNfc() ? "asks" : "none");
  const [wanted, setWanted] = useState(false);
  useEffect(() => {
    const over = new AbortController();
    void (async () => {
      if (!wanted && !(await mayReadNfc())) return;
      try {
        await readTags(tapped, over.signal);
        if (!over.signal.aborted) setStands("reads");
      } catch {
        if (!over.signal.aborted) setStands(wanted ? "refused" : "asks");
      }
    })();
    return () => over.abort();
  }, [wanted, tapped]);
  if (stands === "none") return null;
  if (stands === "asks")
    return (
      <Button kind="second" press={() => setWanted(true)}>
        {words.holdStart}
      </Button>
    );
  return <p class="hold">{stands === "reads" ? words.holdToTag : words.holdRefused}</p>;
}
