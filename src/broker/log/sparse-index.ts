/** How many bytes of a segment lie at least between two entries of its index. */
export const indexIntervalBytes = 65_536

export interface SavedIndex {
  offsets: number[]
  positions: number[]
  timestamps: number[]
}

/**
 * Where in a segment some of its batches start: enough to begin reading near an offset or a time. It lives in
 * memory while its segment is used and is made again by reading the segment, so losing it costs only time.
 */
export class SparseIndex {
  readonly #offsets: number[]
  readonly #positions: number[]
  /** The highest timestamp of all that lies before the entry. */
  readonly #timestamps: number[]

  constructor(saved: SavedIndex = { offsets: [], positions: [], timestamps: [] }) {
    this.#offsets = saved.offsets
    this.#positions = saved.positions
    this.#timestamps = saved.timestamps
  }

  /** Called for every batch in order; remembers it where the last entry is far enough away. */
  note(baseOffset: number, position: number, maxTimestampBefore: number): void {
    const last = this.#positions.at(-1) ?? 0
    if (position - last < indexIntervalBytes) return
    this.#offsets.push(baseOffset)
    this.#positions.push(position)
    this.#timestamps.push(maxTimestampBefore)
  }

  /** The position of the last entry that is not behind the offset. */
  positionBefore(offset: number): number {
    const entry = lastIndex(this.#offsets, (entryOffset) => entryOffset <= offset)
    return entry < 0 ? 0 : this.#positions[entry]!
  }

  /** A position before which every timestamp is lower than `timestamp`. */
  positionBeforeTime(timestamp: number): number {
    const entry = lastIndex(this.#timestamps, (highest) => highest < timestamp)
    return entry < 0 ? 0 : this.#positions[entry]!
  }

  save(): SavedIndex {
    return { offsets: this.#offsets, positions: this.#positions, timestamps: this.#timestamps }
  }
}

/** The last index whose value fits; all that fit come before all that do not. -1 for none. */
export function lastIndex<T>(values: readonly T[], fits: (value: T) => boolean): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (fits(values[middle]!)) low = middle + 1
    else high = middle
  }
  return low - 1
}
