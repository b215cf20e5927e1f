/** Which civil day is it, in London? Inside, everything is UTC. */

const DAY = new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/London", year: "numeric", month: "2-digit", day: "2-digit" });

/** Name the day of a moment: YYYY-MM-DD. */
export function dayOf(at: number): string {
  return DAY.format(at);
}

/** Name the days of the week, Monday to Sunday, in which a moment lies. */
export function weekOf(at: number): readonly string[] {
  const noon = Date.parse(`${dayOf(at)}T12:00:00Z`);
  const monday = noon - ((new Date(noon).getUTCDay() + 6) % 7) * 86_400_000;
  return Array.from({ length: 7 }, (_, place) => new Date(monday + place * 86_400_000).toISOString().slice(0, 10));
}
