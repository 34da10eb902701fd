import { createHash } from 'node:crypto'

const longKey = 32

/** The newest offset of every key, up to a number of keys: longer keys count by their digest, as in Kafka's LogCleaner. */
export class KeyOffsets {
  readonly #offsets = new Map<string, number>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  get isFull(): boolean {
    return this.#offsets.size >= this.#limit
  }

  set(key: Buffer, offset: number): void {
    this.#offsets.set(nameOf(key), offset)
  }

  /** undefined: no record with this key was seen. */
  get(key: Buffer): number | undefined {
    return this.#offsets.get(nameOf(key))
  }
}

function nameOf(key: Buffer): string {
  // The mark keeps a digest apart from a key that reads the same.
  return key.length <= longKey
    ? key.toString('latin1')
    : `#${createHash('sha256').update(key).digest('base64')}`
}
