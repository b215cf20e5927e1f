/** What do several pages show alike? */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useWords } from "./saying";

/** The heading of a page. It takes the focus when the page appears, so that a screen reader begins with it. */
export function Heading({ children }: { readonly children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <h1 tabIndex={-1} ref={heading}>
      {children}
    </h1>
  );
}

/** What is pressed: at the lower end, where a thumb is. */
export function Foot({ children }: { readonly children: ComponentChildren }) {
  return <div class="foot">{children}</div>;
}

export function Button(props: {
  readonly press: () => void;
  readonly kind?: "first" | "second" | "danger";
  readonly children: ComponentChildren;
}) {
  return (
    <button type="button" class={`button ${props.kind ?? "first"}`} onClick={props.press}>
      {props.children}
    </button>
  );
}

export function Back({ press }: { readonly press: () => void }) {
  return (
    <Button kind="second" press={press}>
      {useWords().back}
    </Button>
  );
}

export function Note({ kind, children }: { readonly kind: "calm" | "warning"; readonly children: ComponentChildren }) {
  return (
    <p class={`note ${kind}`}>
      <span class="sign" aria-hidden="true">
        {kind === "warning" ? "!" : "i"}
      </span>
      <span>{children}</span>
    </p>
  );
}
