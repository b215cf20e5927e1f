/** How does the app come onto the home screen? There it opens faster, and the browser does not throw away what it keeps. */

import { useEffect, useState } from "preact/hooks";
import { Button } from "./parts";
import { useWords } from "./saying";

interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

let offered: InstallPrompt | null = null;
// The browser offers it once, and early: before the page that shows the button.
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offered = event as InstallPrompt;
  dispatchEvent(new Event("calltime install"));
});

export function isInstalled(): boolean {
  return matchMedia("(display-mode: standalone)").matches || (navigator as { readonly standalone?: boolean }).standalone === true;
}

export function Install() {
  const words = useWords();
  const [prompt, setPrompt] = useState(offered);
  useEffect(() => {
    const heard = (): void => setPrompt(offered);
    addEventListener("calltime install", heard);
    return () => removeEventListener("calltime install", heard);
  }, []);
  if (isInstalled()) return null;
  const apple = /iPhone|iPad/.test(navigator.userAgent);
  return (
    <section>
      <h2>{words.installTitle}</h2>
      {prompt !== null ? (
        <Button kind="second" press={() => void prompt.prompt().finally(() => setPrompt(null))}>
          {words.installButton}
        </Button>
      ) : (
        <p>{apple ? words.installIphone : words.installOther}</p>
      )}
    </section>
  );
}
