export interface BackoffSettings {
  readonly initialMs: number
  readonly maxMs: number
}

/**
 * The pause before try `attempt` (from 1): between half of `initialMs * 2^(attempt - 1)`, or of `maxMs` where
 * that is less, and all of it. Spread, so that those who failed together do not all come back together.
 */
export function jitteredBackoff(
  attempt: number,
  { initialMs, maxMs }: BackoffSettings,
  random = Math.random,
) {
  const longest = Math.min(initialMs * 2 ** Math.min(attempt - 1, 40), maxMs)
  return longest / 2 + (random() * longest) / 2
}
