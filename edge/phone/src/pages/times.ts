/** How is a time shown? In London's time, as the door and the office show it. */

import { dayOf } from "../london";

const MINUTE = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/London", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export function minuteOf(at: number): string {
  return MINUTE.format(at);
}

/** A moment: the minute, with its day before it where that is not today. */
export function momentOf(at: number, now: number, locale: string): string {
  return dayOf(at) === dayOf(now) ? minuteOf(at) : `${weekdayOf(dayOf(at), locale)} ${minuteOf(at)}`;
}

/** Name a day (YYYY-MM-DD) as people do. */
export function weekdayOf(day: string, locale: string): string {
  const named = new Intl.DateTimeFormat(locale, { timeZone: "UTC", weekday: "long", day: "numeric", month: "long" });
  return named.format(Date.parse(`${day}T12:00:00Z`));
}
