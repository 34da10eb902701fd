/** What operations gave, promised or will give, for `finish` of the operator. */
export function started(...results: readonly unknown[]): Promise<unknown>[] {
  return results.map((result) => Promise.resolve(result))
}

/**
 * The same where only the first `done` of them were through and the next one threw. A function, so that those who call it
 * for few of many records stay small.
 */
export function startedUntil(
  done: number,
  error: unknown,
  ...results: readonly unknown[]
): Promise<unknown>[] {
  return [...started(...results.slice(0, done)), Promise.reject(error)]
}
