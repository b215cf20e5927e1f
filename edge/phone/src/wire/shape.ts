/** Has this value the shape that the contract gives it? Small readers that are put together; each returns the value or throws. */

import { decode } from "./base64url";

export type Reader<T> = (value: unknown) => T;

export function word<const T extends string>(...words: readonly T[]): Reader<T> {
  return (value) => words.find((each) => each === value) ?? wrong(value, words.join(" or "));
}

export function pattern(shape: RegExp, most: number, says: string): Reader<string> {
  return (value) => (typeof value === "string" && value.length <= most && shape.test(value) ? value : wrong(value, says));
}

export const text: Reader<string> = (value) => (typeof value === "string" ? value : wrong(value, "text"));
export const flag: Reader<boolean> = (value) => (typeof value === "boolean" ? value : wrong(value, "true or false"));

/** A whole number. JSON.parse cannot tell 1.0 from 1; nothing that is signed by the office writes the former. */
export function whole(least: number, most = Number.MAX_SAFE_INTEGER): Reader<number> {
  return (value) =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most
      ? value
      : wrong(value, `a whole number from ${least}`);
}

export const seq = whole(1);
export const count = whole(0);
export const device = pattern(/^d_[a-z2-7]{26}$/, 28, "the id of a door");
export const reference = pattern(/^[A-Za-z0-9_.:-]+$/, 64, "a reference");

export const digest: Reader<string> = (value) => {
  if (typeof value !== "string" || value.length !== 43) return wrong(value, "a digest");
  decode(value);
  return value;
};

export function orNull<T>(read: Reader<T>): Reader<T | null> {
  return (value) => (value === null ? null : read(value));
}

export function list<T>(read: Reader<T>): Reader<readonly T[]> {
  return (value) => (Array.isArray(value) ? value.map(read) : wrong(value, "a list"));
}

export function pair<T>(read: Reader<T>): Reader<readonly [T, T]> {
  return (value) => (Array.isArray(value) && value.length === 2 ? [read(value[0]), read(value[1])] : wrong(value, "a pair"));
}

type Shape = Record<string, Reader<unknown>>;
type Read<S extends Shape> = { readonly [K in keyof S]: ReturnType<S[K]> };

/** An object of these fields. All of `fields` must be there, `usual` stands for those of it that are not. */
export function object<S extends Shape>(
  fields: S,
  { usual = {}, also = false }: { usual?: Partial<Read<S>>; also?: boolean } = {},
): Reader<Read<S>> {
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return wrong(value, "an object");
    const unknown = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
    // What the office answers by HTTP may grow; a signed message may not.
    if (unknown !== undefined && !also) throw new Error(`there is no field ${unknown}`);
    const read: Record<string, unknown> = {};
    for (const [name, reader] of Object.entries(fields)) {
      if (Object.hasOwn(value, name)) read[name] = reader((value as Record<string, unknown>)[name]);
      else if (Object.hasOwn(usual, name)) read[name] = usual[name];
      else throw new Error(`the field ${name} is missing`);
    }
    return read as Read<S>;
  };
}

function wrong(value: unknown, says: string): never {
  throw new Error(`${JSON.stringify(value)?.slice(0, 80)} is not ${says}`);
}
