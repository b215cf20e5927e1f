/** As whom are records sent, to which brokers, and whose receipts are believed? What was kept at enrolment says it. */

import { BROWSER, PhoneClock } from "../clock";
import type { Keeping } from "../keeping/database";
import type { Outbox } from "../keeping/outbox";
import { decode } from "../wire/base64url";
import { gatewayVerifier } from "../wire/keys";
import type { Sync } from "../wire/records";
import type { Calling } from "./publisher";

/** Put it together; null while the phone is not enrolled or knows no broker. */
export async function callingFrom(keeping: Keeping, outbox: Outbox, sync: () => Sync, changed: () => void): Promise<Calling | null> {
  const [enrolment, brokers] = await Promise.all([keeping.get("enrolment"), keeping.get("brokers")]);
  if (enrolment === undefined || brokers === undefined || brokers.length === 0) return null;
  return {
    device: enrolment.device,
    password: enrolment.password,
    gateway: gatewayVerifier(decode(enrolment.gateway_key)),
    // So that phones spread over the brokers, also when one of them is lost.
    brokers: brokers
      .map((broker) => ({ broker, by: Math.random() }))
      .sort((one, other) => one.by - other.by)
      .map(({ broker }) => broker),
    status: async (online) => ({ online, waiting: (await outbox.counts()).waiting, clock: sync() }),
    changed,
  };
}

/** The clock of this page or worker, with what is known of it. */
export async function clockFrom(keeping: Keeping): Promise<PhoneClock> {
  const [compared, latest] = await Promise.all([keeping.get("comparison"), keeping.get("latest")]);
  return new PhoneClock(BROWSER, compared ?? null, latest ?? 0);
}
