/** Where does the app begin? */

import "./look.css";
import { render } from "preact";
import { openDoor } from "./door";
import { readOpened, untilSeen } from "./opened";
import { App } from "./pages/app";
import { languageOf, wordsOf } from "./words/language";

async function begin(app: HTMLElement): Promise<void> {
  await untilSeen();
  const opened = readOpened();
  try {
    render(<App agent={await openDoor()} opened={opened} />, app);
  } catch {
    const words = wordsOf(languageOf());
    render(
      <main>
        <h1>{words.broke}</h1>
        <p>{words.brokeSays}</p>
      </main>,
      app,
    );
  }
}

const app = document.getElementById("app");
if (app !== null) void begin(app);
