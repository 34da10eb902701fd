export interface Spread {
  readonly min: number
  readonly median: number
  readonly max: number
}

/** What was measured, by name. */
export class Samples {
  readonly #values = new Map<string, number[]>()

  add(key: string, value: number): void {
    const values = this.#values.get(key) ?? []
    values.push(value)
    this.#values.set(key, values)
  }

  of(key: string): Spread {
    return spreadOf(this.#values.get(key) ?? [])
  }
}

export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new Error('There are no values to sum up.')
  const sorted = [...values].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2
  return { min: sorted[0]!, median, max: sorted.at(-1)! }
}
