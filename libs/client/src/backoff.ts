/** Full-jitter exponential back-off: the n-th wait (n from 0) lies in [floor, min(cap, base · 2ⁿ)], so that a crowd does not return at once. */
export function backoff(attempt: number, { baseMs, capMs, floorMs = 0 }: { baseMs: number; capMs: number; floorMs?: number }): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(attempt, 20));
  return floorMs + Math.random() * Math.max(0, ceiling - floorMs);
}
