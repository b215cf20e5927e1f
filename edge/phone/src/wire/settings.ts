/** How does the office set a door from afar? By a small retained message, signed by the key that the door pinned at enrolment. */

import { isSignedBy, split, type Verifier } from "./jws";
import { parse } from "./one_reading";
import { device as aDevice, flag, object, seq, word } from "./shape";

const readSettings = object({
  type: word("calltime.settings.v1"),
  device: aDevice,
  revision: seq,
  language: word("en", "cy"),
  feedback: word("sound and light", "sound only", "light only"),
  position: flag,
});

/** All that can be set, always in full. A door keeps to the highest `revision` that it has read: a broker can bring an old one back. */
export type DoorSettings = ReturnType<typeof readSettings>;

export class NotSettings extends Error {}

/** Read settings that are meant for this door and signed by the gateway pinned at enrolment, or throw NotSettings. */
export async function decode(compact: string, device: string, gateway: Verifier): Promise<DoorSettings> {
  let settings: DoorSettings;
  let signed: boolean;
  try {
    const parts = split(compact);
    settings = readSettings(parse(parts.payload));
    signed = await isSignedBy(parts, gateway);
  } catch (error) {
    throw new NotSettings(`These are not settings: ${String(error)}`, { cause: error });
  }
  if (!signed) throw new NotSettings("These settings are not signed by the gateway that was pinned at enrolment.");
  if (settings.device !== device) throw new NotSettings(`These settings are for door ${settings.device}, not for door ${device}.`);
  return settings;
}
