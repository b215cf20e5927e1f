/** What does a tag say that is held to the phone? Web NFC, where the browser has it: the one file that knows NDEFReader. */

import type { Seen } from "../agent";
import { readAddress } from "./address";

interface NdefRecord {
  readonly recordType: string;
  readonly data?: DataView;
}
interface NdefReader extends EventTarget {
  scan(options: { readonly signal: AbortSignal }): Promise<void>;
}
type NdefReading = Event & { readonly message: { readonly records: readonly NdefRecord[] } };

function makerOf(): (new () => NdefReader) | undefined {
  return (globalThis as { readonly NDEFReader?: new () => NdefReader }).NDEFReader;
}

export function knowsNfc(): boolean {
  return makerOf() !== undefined;
}

/** Whether it may be read without asking: the carer has allowed it before. */
export async function mayReadNfc(): Promise<boolean> {
  if (!knowsNfc()) return false;
  const permission = await navigator.permissions?.query({ name: "nfc" as PermissionName }).catch(() => null);
  return permission?.state === "granted";
}

/** Tell each tag that is held to the phone, until `signal`; null: something that is no tag of ours. Rejects where NFC may not be used. */
export async function readTags(seen: (tag: Seen | null) => void, signal: AbortSignal): Promise<void> {
  const Maker = makerOf();
  if (Maker === undefined) throw new Error("This browser has no Web NFC.");
  const reader = new Maker();
  reader.addEventListener("reading", (event) => seen(tagIn((event as NdefReading).message.records)), { signal });
  reader.addEventListener("readingerror", () => seen(null), { signal });
  await reader.scan({ signal });
}

function tagIn(records: readonly NdefRecord[]): Seen | null {
  for (const record of records) {
    if ((record.recordType === "url" || record.recordType === "absolute-url") && record.data !== undefined) {
      const tag = readAddress(new TextDecoder().decode(record.data), "nfc");
      if (tag !== null) return tag;
    }
  }
  return null;
}
