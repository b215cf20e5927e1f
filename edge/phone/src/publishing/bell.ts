/** How does one part wait for news of others? It sleeps until somebody rings, or for so long. */

export class Bell {
  #rung = false;
  #wake: (() => void) | null = null;

  /** There is something new. Who waits wakes, and who comes to wait next does not. */
  ring = (): void => {
    this.#rung = true;
    this.#wake?.();
  };

  /** Wait for a ring that nobody has heard, or for so many milliseconds. */
  async wait(ms: number): Promise<void> {
    if (!this.#rung)
      await new Promise<void>((go) => {
        const timer = setTimeout(go, Math.min(ms, 2 ** 31 - 1));
        this.#wake = () => {
          clearTimeout(timer);
          go();
        };
      });
    this.#wake = null;
    this.#rung = false;
  }
}
