import { expect, test } from "vitest";
import { worthRecording } from "./anchoring";
import { type Comparison, PhoneClock, UNKNOWN_ERROR_MS } from "./clock";
import { dayOf, weekOf } from "./london";
import { EIGHT, HandClock, HOUR } from "./trying/phone_parts";

/** A phone whose boots are counted. */
class Phone extends HandClock {
  boots = 0;

  clock(compared: Comparison | null = { byMs: 0, wall: EIGHT - HOUR }, latest = 0): PhoneClock {
    return new PhoneClock(this, compared, latest, () => `boot ${++this.boots}`);
  }
}

test("a phone that was right when it was last compared is trusted within five minutes", () => {
  const phone = new Phone();
  const clock = phone.clock();
  phone.pass(1234.5);

  expect(clock.read()).toEqual({ now: EIGHT + 1235, boot: "boot 1", up_ms: 1234, sync: "rtc", error_ms: 300_361 });
});

test("the longer ago the comparison, the further the clock may have drifted", () => {
  const reading = new Phone().clock({ byMs: 0, wall: EIGHT - 7 * 24 * HOUR }).read();

  expect(reading).toMatchObject({ sync: "rtc", error_ms: 300_000 + 60_480 });
});

test("a phone that was never compared says that it does not know", () => {
  const reading = new Phone().clock(null).read();

  expect(reading).toMatchObject({ now: EIGHT, sync: "none", error_ms: UNKNOWN_ERROR_MS });
});

test("a phone that was found an hour fast is not trusted; the best guess is that it still is", () => {
  expect(new Phone().clock({ byMs: HOUR, wall: EIGHT - HOUR }).read()).toMatchObject({ now: EIGHT - HOUR, sync: "none" });
});

test("a wall clock that has gone backwards is not trusted, also when that was while the app was closed", () => {
  expect(new Phone().clock(undefined, EIGHT + 10 * 60_000).read().sync).toBe("none");
});

test("a wall clock of before this software was written is not trusted", () => {
  const phone = new Phone();
  phone.wallNow = 180_000;

  expect(phone.clock({ byMs: 0, wall: 0 }).read()).toMatchObject({ now: 180_000, sync: "none" });
});

test("asked in this boot, the office's time counts, with half the round trip and what may be lost on the way", () => {
  const phone = new Phone();
  const clock = phone.clock({ byMs: 3 * HOUR, wall: EIGHT });
  phone.wallNow += 3 * HOUR - 12;
  clock.read();
  const told = clock.asking();
  phone.pass(400);
  const kept = told(EIGHT + 200);

  expect(kept).toEqual({ byMs: 3 * HOUR - 12, wall: EIGHT + 3 * HOUR - 12 + 400 });
  expect(clock.read()).toMatchObject({ now: EIGHT + 400, sync: "ntp", error_ms: 1200 });
  phone.pass(HOUR);
  expect(clock.read()).toMatchObject({ now: EIGHT + HOUR + 400, sync: "ntp", error_ms: 1560 }); // 100 ppm of an hour are 360 ms
});

test("after a sleep it is another boot, which does not know what the one before knew", () => {
  const phone = new Phone();
  const clock = phone.clock();
  clock.asking()(EIGHT);
  phone.pass(60_000);
  expect(clock.read()).toMatchObject({ boot: "boot 1", sync: "ntp" });
  phone.wallNow += 20 * 60_000; // and the up-time stood still

  expect(clock.read()).toEqual({ now: EIGHT + 21 * 60_000, boot: "boot 2", up_ms: 0, sync: "rtc", error_ms: 300_126 });
});

test("a clock that is slewed by a second makes no new boot", () => {
  const phone = new Phone();
  const clock = phone.clock();
  const first = clock.read().boot;
  phone.pass(HOUR);
  phone.wallNow -= 1000;

  expect(clock.read().boot).toBe(first);
});

test("an answer that comes after a sleep is worth nothing", () => {
  const phone = new Phone();
  const clock = phone.clock();
  const told = clock.asking();
  phone.pass(300);
  phone.wallNow += 60_000;

  expect(told(EIGHT)).toBeNull();
  expect(clock.read().sync).toBe("rtc");
});

test("a clock that somebody sets by hand, at home, is found wrong at the next comparison and trusted no more", () => {
  const phone = new Phone();
  const clock = phone.clock();
  phone.wallNow += 2 * HOUR;
  clock.asking()(EIGHT);
  phone.wallNow += 60 * 60_000;

  expect(clock.read()).toMatchObject({ sync: "none", now: EIGHT + HOUR });
});

test("a tie of five minutes is recorded anew when one of a second can be had, and one of a second is not", () => {
  const reading = { now: EIGHT, boot: "a", up_ms: 1000, sync: "rtc", error_ms: 300_000 } as const;
  const better = { ...reading, now: EIGHT + 5000, up_ms: 6000, sync: "ntp", error_ms: 1100 } as const;

  expect(worthRecording(null, reading)).toBe(true);
  expect(worthRecording(reading, better)).toBe(true);
  expect(worthRecording(better, { ...better, now: EIGHT + 65_000, up_ms: 66_000 })).toBe(false);
  expect(worthRecording(better, { ...better, now: EIGHT + 165_000, up_ms: 66_000 })).toBe(true); // it contradicts
  expect(worthRecording(null, { ...reading, sync: "none" })).toBe(false);
});

test("the day is London's, and the week begins on Monday", () => {
  expect(dayOf(Date.parse("2026-06-07T23:30:00Z"))).toBe("2026-06-08");
  expect(dayOf(Date.parse("2026-01-07T23:30:00Z"))).toBe("2026-01-07");
  const week = weekOf(Date.parse("2026-06-07T22:30:00Z")); // a Sunday
  expect([week[0], week[6], week.length]).toEqual(["2026-06-01", "2026-06-07", 7]);
  expect(weekOf(Date.parse("2026-06-07T23:30:00Z"))[0]).toBe("2026-06-08");
});
