const firstMs = 300
/** Beyond this the delay is longer than any limit. */
const maxDoublings = 40
/** What a timer can take. */
const longestMs = 0x7fffffff

/**
 * The pause after the failed attempt `attempt` (from 1): it doubles from 300 ms on. Where that would exceed `maxMs` it
 * is random below `maxMs`, so that many tasks do not all come back together. Never longer than `leftMs`.
 */
export function retryDelay(
  attempt: number,
  { maxMs, leftMs }: { readonly maxMs: number; readonly leftMs: number },
  random = Math.random,
): number {
  const doubled = firstMs * 2 ** Math.min(attempt - 1, maxDoublings)
  const delay = doubled > maxMs ? Math.floor(random() * maxMs) : doubled
  return Math.max(0, Math.min(delay, leftMs, longestMs))
}
