import { decodeJournal } from './journal-format.ts'
import { nodeFiles, readIfThere } from './journal-file.ts'

/** One change of one offset, as the journal remembers it. */
export interface PastChange {
  /** When it was made, in ms since the epoch. */
  readonly at: number
  readonly key: string
  /** null: deleted. */
  readonly value: string | null
  /** What was there before; undefined where the journal does not reach back that far. */
  readonly before: string | null | undefined
}

/**
 * The changes that the journal and its previous generation still hold, oldest first. What a compaction wrote again is no
 * change. Reads only; the journal may be in use.
 */
export function offsetHistory(path: string): PastChange[] {
  const changes: PastChange[] = []
  const known = new Map<string, string | null>()
  for (const file of [`${path}.1`, path]) {
    const { header, lines } = decodeJournal(readIfThere(nodeFiles, file) ?? Buffer.alloc(0))
    for (const { seq, at, set } of lines) {
      for (const [key, value] of set) {
        const isCopy = seq <= (header?.entries ?? 0)
        if (!isCopy) changes.push({ at, key, value, before: known.get(key) })
        known.set(key, value)
      }
    }
  }
  return changes
}
