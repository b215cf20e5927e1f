/** What does the gateway promise a door? Which of its records are stored, and which were set aside and why; signed by the gateway's key. */

import { isSignedBy, split, type Verifier } from "./jws";
import { parse } from "./one_reading";
import { device as aDevice, count, digest, list, object, orNull, pair, seq, word } from "./shape";

const readAside = object({
  digest,
  seq: orNull(seq),
  reason: word(
    "malformed",
    "too large",
    "wrong topic",
    "unknown door",
    "revoked door",
    "bad signature",
    "time out of range",
    "fork",
    "chain broken",
  ),
});

const readReceipt = object(
  {
    type: word("calltime.receipt.v1"),
    device: aDevice,
    through: count,
    digest: orNull(digest),
    also: list(pair(seq)),
    quarantined: list(readAside),
  },
  { usual: { also: [], quarantined: [] } },
);

/**
 * Every record up to `through` is stored, or was declared lost by the door; the one with that number is stored and has this digest.
 * Only `through` lets a door forget; `also` and `quarantined` only tell it to stop sending.
 */
export type Receipt = ReturnType<typeof readReceipt>;

export class NotAReceipt extends Error {}

/** Read a receipt that is meant for this door and signed by the gateway pinned at enrolment, or throw NotAReceipt. */
export async function decode(compact: string, device: string, gateway: Verifier): Promise<Receipt> {
  let receipt: Receipt;
  let signed: boolean;
  try {
    const parts = split(compact);
    receipt = readReceipt(parse(parts.payload));
    signed = await isSignedBy(parts, gateway);
  } catch (error) {
    throw new NotAReceipt(`This is not a receipt: ${String(error)}`, { cause: error });
  }
  if (!signed) throw new NotAReceipt("This receipt is not signed by the gateway that was pinned at enrolment.");
  if (receipt.device !== device) throw new NotAReceipt(`This receipt is for door ${receipt.device}, not for door ${device}.`);
  if ((receipt.through === 0) !== (receipt.digest === null))
    throw new NotAReceipt(`This receipt says that everything through ${receipt.through} is stored, and does not prove it by a digest.`);
  return receipt;
}
