/** What does the camera see? It looks until it has found what is wanted, and says what else it found. */

import { useEffect, useRef, useState } from "preact/hooks";
import { type CameraTrouble, type Looking, look } from "../seeing/camera";
import { Back, Button, Foot, Heading, Note } from "./parts";
import { useWords } from "./saying";

/** `read`: whether the text of a code was what is wanted; then the camera is let go. */
export function Scan(props: {
  readonly title: string;
  readonly says: string;
  readonly read: (text: string) => boolean;
  readonly back: () => void;
}) {
  const words = useWords();
  const film = useRef<HTMLVideoElement>(null);
  const [stands, setStands] = useState<"opening" | "looking" | "other" | CameraTrouble>("opening");
  const [looking, setLooking] = useState<Looking | null>(null);
  const [lit, setLit] = useState(false);
  useEffect(() => {
    let over = false;
    let opened: Looking | null = null;
    const stop = (): void => {
      over = true;
      opened?.stop();
    };
    const read = (text: string): void => {
      if (over) return;
      if (props.read(text)) stop();
      else setStands("other");
    };
    if (film.current !== null)
      void look(film.current, read).then((found) => {
        if (typeof found === "string") return over || setStands(found);
        opened = found;
        if (over) return found.stop();
        setLooking(found);
        return setStands((now) => (now === "opening" ? "looking" : now));
      });
    return stop;
  }, []);
  const trouble = stands === "refused" || stands === "none" || stands === "decoder" ? stands : null;
  const light = looking?.light;
  return (
    <>
      <Heading>{props.title}</Heading>
      <p>{props.says}</p>
      {trouble === null && (
        // There is nothing to hear in it, and what is seen is told beside it.
        <video class="film" ref={film} muted={true} playsInline={true} tabIndex={-1} />
      )}
      <div role="status">
        {trouble !== null && (
          <Note kind="warning">{{ refused: words.cameraRefused, none: words.cameraNone, decoder: words.cameraDecoder }[trouble]}</Note>
        )}
        {stands === "other" && <Note kind="warning">{words.otherCode}</Note>}
        {stands === "opening" && <p>{words.opening}</p>}
        {stands === "looking" && <p>{words.looking}</p>}
      </div>
      <Foot>
        {light && (
          <Button
            kind="second"
            press={() => {
              setLit(!lit);
              void light(!lit);
            }}
          >
            {lit ? words.torchOff : words.torchOn}
          </Button>
        )}
        <Back press={props.back} />
      </Foot>
    </>
  );
}
