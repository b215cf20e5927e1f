/** Which page is shown? It stands in the browser's history, so that the phone's own way back works; no address names it. */

import { useEffect, useState } from "preact/hooks";

export type Page = "home" | "mine" | "settings" | "scan" | "scan waiting" | "scan code" | "away" | "start";
const PAGES: readonly Page[] = ["home", "mine", "settings", "scan", "scan waiting", "scan code", "away", "start"];

export interface Place {
  readonly page: Page;
  go(page: Page): void;
  /** Where this page was come from; the first page where it was come from nowhere. */
  back(): void;
}

export function usePlace(first: Page): Place {
  const [page, setPage] = useState<Page>(() => pageIn(history.state) ?? first);
  useEffect(() => {
    const moved = (event: PopStateEvent): void => setPage(pageIn(event.state) ?? "home");
    addEventListener("popstate", moved);
    return () => removeEventListener("popstate", moved);
  }, []);
  return {
    page,
    go: (next) => {
      if (next !== page) history.pushState({ page: next }, "", "/t/");
      setPage(next);
      scrollTo(0, 0);
    },
    back: () => {
      if (pageIn(history.state) === null) setPage("home");
      else history.back();
    },
  };
}

function pageIn(state: unknown): Page | null {
  const page = (state as { readonly page?: unknown } | null)?.page;
  return PAGES.find((each) => each === page) ?? null;
}
