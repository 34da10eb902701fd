import { setTimeout as delay } from 'node:timers/promises'

/**
 * Resolves with what `condition` gives as soon as that is neither false nor null nor undefined. `what` as a function
 * is asked when the time is over.
 */
export async function until<T>(
  condition: () => Promise<T | false | null | undefined> | T | false | null | undefined,
  {
    what = 'a condition',
    timeoutMs = 15_000,
    everyMs = 20,
  }: { what?: string | (() => string); timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const result = await condition()
    if (result !== false && result !== null && result !== undefined) return result
    if (performance.now() > deadline) {
      throw new Error(`Waited ${timeoutMs} ms in vain for ${typeof what === 'string' ? what : what()}.`)
    }
    await delay(everyMs)
  }
}
