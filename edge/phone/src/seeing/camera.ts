/** What does the camera see? A film in the page, and the codes in it until somebody has seen enough. */

import { decoder } from "./decoder";

export type CameraTrouble = "refused" | "none" | "decoder";

export interface Looking {
  /** Switch the light; null: this camera has none. */
  readonly light: ((on: boolean) => Promise<void>) | null;
  stop(): void;
}

const EVERY_MS = 120;

/** Show the film and tell each text that is read. Resolves when the film runs; a trouble instead where it cannot. */
export async function look(film: HTMLVideoElement, read: (text: string) => void): Promise<Looking | CameraTrouble> {
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } },
    });
  } catch (error) {
    return error instanceof DOMException && (error.name === "NotAllowedError" || error.name === "SecurityError") ? "refused" : "none";
  }
  let over = false;
  const stop = (): void => {
    over = true;
    for (const track of stream.getTracks()) track.stop();
  };
  try {
    const [decode] = await Promise.all([decoder(), play(film, stream)]);
    void (async () => {
      while (!over) {
        // A single picture that cannot be read is no trouble: the next one comes.
        for (const text of await decode(film).catch(() => [])) if (!over) read(text);
        await new Promise((next) => setTimeout(next, EVERY_MS));
      }
    })();
  } catch {
    stop();
    return "decoder";
  }
  return { light: lightOf(stream), stop };
}

async function play(film: HTMLVideoElement, stream: MediaStream): Promise<void> {
  film.srcObject = stream;
  // A film that is stopped while it begins has been given up, and says so.
  await film.play().catch(() => undefined);
}

function lightOf(stream: MediaStream): Looking["light"] {
  const [track] = stream.getVideoTracks();
  const can = track?.getCapabilities?.() as { readonly torch?: boolean } | undefined;
  if (track === undefined || can?.torch !== true) return null;
  return async (on) => {
    await track.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] }).catch(() => undefined);
  };
}
