/** How is something given up that takes too long? By a signal; older browsers have `AbortController`, and no `AbortSignal.timeout`. */
export function within(ms: number): AbortSignal {
  const late = new AbortController();
  setTimeout(() => late.abort(), ms);
  return late.signal;
}
