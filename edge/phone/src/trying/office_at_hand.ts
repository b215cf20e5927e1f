/** An office at the seam of `fetch`: it knows what it is told to know, and answers as the real one does. */

import { decode, encode } from "../wire/base64url";
import { deviceId } from "../wire/identity";
import { split } from "../wire/jws";
import { GATEWAY } from "./phone_parts";

export class OfficeAtHand {
  /** Addresses that were asked. */
  readonly asked: string[] = [];
  /** What was signed in them, newest last. */
  readonly claims: { readonly type: string; readonly device?: string; readonly tags?: readonly string[]; readonly public_key?: string }[] =
    [];
  now: () => number = () => 0;
  reachable = true;
  refuses: { readonly status: number; readonly kind?: string; readonly detail?: string } | null = null;
  /** Doors that are somebody else's. */
  readonly others = new Set<string>();
  enrolment: (device: string) => object = (device) => ({ device, gateway_key: encode(GATEWAY.publicKey), broker: "", carer: "C-017" });
  mine: Record<string, unknown> = { homes: [], planned: [], visits: [] };

  fetch: typeof fetch = async (address, how) => {
    const path = String(address);
    this.asked.push(path);
    if (!this.reachable) throw new TypeError("no link");
    const body = how?.body === undefined ? null : (JSON.parse(String(how.body)) as { request: string });
    const claim = body && (JSON.parse(split(body.request).payload) as (typeof this.claims)[number]);
    if (claim) this.claims.push(claim);
    if (this.refuses !== null && body !== null) return problem(this.refuses);
    if (path === "/t/settings.json") return Response.json({ brokers: ["wss://broker.example.org"], broker_password: true });
    if (path === "/api/v1/phone/time") return Response.json({ now: new Date(this.now()).toISOString(), nonce: "a nonce" });
    if (path === "/api/v1/phone/mine")
      return Response.json({ now: new Date(this.now()).toISOString(), carer: "C-017", language: "cy", position: false, ...this.mine });
    if (path === "/api/v1/enrolments") {
      const device = await deviceId(decode(claim?.public_key ?? ""));
      return this.others.has(device) ? problem({ status: 409 }) : Response.json(this.enrolment(device), { status: 201 });
    }
    return problem({ status: 404, detail: "nothing here" });
  };
}

function problem({ status, kind, detail }: { readonly status: number; readonly kind?: string; readonly detail?: string }): Response {
  const type = kind === undefined ? "about:blank" : `urn:calltime:problem:${kind}`;
  return new Response(JSON.stringify({ type, status, title: "", detail: detail ?? "It says why, and what next." }), { status });
}
