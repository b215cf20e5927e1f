/** How does the app come onto the home screen? There it opens faster, and the browser does not throw away what it keeps. Not on an iPhone. */

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

function isInstalled(): boolean {
  return matchMedia("(display-mode: standalone)").matches || (navigator as { readonly standalone?: boolean }).standalone === true;
}

/**
 * Whether this is an iPhone's browser. There a tag opens Safari, and never the app of the home screen, and the two keep apart what they keep:
 * a phone that is enrolled in one is nobody's in the other. So she stays in Safari, and opens it often enough that nothing is thrown away.
 */
export function staysInSafari(): boolean {
  return /iPhone|iPad/.test(navigator.userAgent) && !isInstalled();
}

export function Install() {
  const words = useWords();
  const [prompt, setPrompt] = useState(offered);
  useEffect(() => {
    const heard = (): void => setPrompt(offered);
    addEventListener("calltime install", heard);
    return () => removeEventListener("calltime install", heard);
  }, []);
  const ask = (): void => {
    void prompt?.prompt().finally(() => setPrompt(offered));
    offered = null; // it can be asked once
  };
  if (isInstalled()) return null;
  if (staysInSafari())
    return (
      <section>
        <h2>{words.safariTitle}</h2>
        <p>{words.safariSays}</p>
      </section>
    );
  return (
    <section>
      <h2>{words.installTitle}</h2>
      {prompt !== null ? (
        <Button kind="second" press={ask}>
          {words.installButton}
        </Button>
      ) : (
        <p>{words.installOther}</p>
      )}
    </section>
  );
}
