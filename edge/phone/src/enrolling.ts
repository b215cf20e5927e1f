/** How does a phone come to stand for a carer? It makes its key, brings the code to the office, and keeps the answer before it says so. */

import type { Enrolled } from "./agent";
import { lacking } from "./browser/lacking";
import { Broken, type Keeping, NoRoom } from "./keeping/database";
import { NoAnswer, type Office, Refused } from "./office";
import type { Answer } from "./wire/enrolment";
import type { Signer } from "./wire/jws";
import { makeKey, signerOf } from "./wire/keys";

const OK = { ok: true } as const;

/** Enrol, once. The key is kept before the code is used up, so that an answer that was lost on the way can be asked for again. */
export async function enrol(code: string, keeping: Keeping, office: Office): Promise<Enrolled> {
  const missing = lacking();
  if (missing !== null) return { ok: false, why: "old browser", says: missing };
  try {
    if ((await keeping.get("enrolment")) !== undefined) return { ok: false, why: "enrolled already", says: null };
    const signer = await ownSigner(keeping, { anew: false });
    const answer = await bring(code, signer, keeping, office);
    if (answer.carer === null) return { ok: false, why: "not for phones", says: null };
    await keeping.set({ enrolment: answer, revoked: undefined, fork: undefined });
    return OK;
  } catch (error) {
    return whyNot(error);
  }
}

async function bring(code: string, signer: Signer, keeping: Keeping, office: Office): Promise<Answer> {
  let ours = signer;
  let answer: Answer;
  try {
    answer = await office.enrol(code, ours);
  } catch (error) {
    // This key stands for somebody else, whom it must not take along. The code is still good for another key.
    if (!(error instanceof Refused && error.status === 409)) throw error;
    ours = await ownSigner(keeping, { anew: true });
    answer = await office.enrol(code, ours);
  }
  if (answer.device !== ours.device) throw new Refused(200, "", `The enrolment is for door ${answer.device}, and this is ${ours.device}.`);
  return answer;
}

async function ownSigner(keeping: Keeping, { anew }: { readonly anew: boolean }): Promise<Signer> {
  let key = anew ? undefined : await keeping.get("key");
  if (key === undefined) {
    key = await makeKey();
    await keeping.set({ key });
  }
  return await signerOf(key);
}

function whyNot(error: unknown): Enrolled {
  if (error instanceof NoAnswer) return { ok: false, why: "no link", says: null };
  if (error instanceof Refused) return { ok: false, why: error.status === 403 ? "bad code" : "refused", says: error.message };
  if (error instanceof NoRoom || error instanceof Broken) return { ok: false, why: "storage broken", says: error.message };
  // A browser that can make neither kind of key says so in its own way.
  if (error instanceof DOMException) return { ok: false, why: "old browser", says: error.message };
  throw error;
}
