/** In which language does the phone speak? In the one that was chosen on it; before, in the browser's own. */

import { cy } from "./cy";
import { en, type Words } from "./en";

export type Language = "en" | "cy";
const KEPT_AS = "calltime language";

export function languageOf(): Language {
  try {
    const chosen = localStorage.getItem(KEPT_AS);
    if (chosen === "en" || chosen === "cy") return chosen;
  } catch {
    // A browser that keeps nothing still has a language.
  }
  return navigator.languages.some((each) => each.toLowerCase().startsWith("cy")) ? "cy" : "en";
}

export function choose(language: Language): void {
  try {
    localStorage.setItem(KEPT_AS, language);
  } catch {
    // It holds until the page is closed.
  }
}

export function wordsOf(language: Language): Words {
  return language === "cy" ? cy : en;
}
