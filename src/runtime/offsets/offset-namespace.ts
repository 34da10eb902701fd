import { DataError } from '../../errors.ts'
import type { OffsetChange } from './journal-format.ts'
import { offsetJson, parseOffsetJson } from './offset-json.ts'

/** A source partition or a source offset: string keys, primitive values. */
export type OffsetMap = Readonly<Record<string, unknown>>

/** What a namespace reads from; OffsetJournal is one. */
export interface OffsetStore {
  get(key: string): string | null | undefined
  entries(): Iterable<readonly [string, string | null]>
}

/**
 * The offsets of one connector. Keys are `["<connector>",{<partition>}]`; they are compared as texts, so the order of the
 * partition's members counts, as in Kafka Connect.
 */
export class OffsetNamespace {
  readonly #store: OffsetStore
  readonly #connector: string
  readonly #number: ((token: string) => unknown) | undefined

  /** `number` says what number tokens of stored offsets become, by default number or, beyond 2^53, bigint. */
  constructor(store: OffsetStore, connector: string, number?: (token: string) => unknown) {
    this.#store = store
    this.#connector = connector
    this.#number = number
  }

  /** The stored offset, or null when there is none. Throws DataError for a partition of the wrong form. */
  offset(partition: OffsetMap | null): OffsetMap | null {
    const stored = this.#store.get(this.key(partition))
    return stored == null ? null : (parseOffsetJson(stored, this.#number) as OffsetMap | null)
  }

  /** The change that stores an offset; null deletes it. Throws DataError for a map of the wrong form. */
  change(partition: OffsetMap | null, offset: OffsetMap | null): OffsetChange {
    validateOffsetFormat(offset)
    return [this.key(partition), offset === null ? null : offsetJson(offset)]
  }

  key(partition: OffsetMap | null): string {
    validateOffsetFormat(partition)
    return `${keyStart(this.#connector)}${offsetJson(partition)}]`
  }

  /** All partitions that have an offset. Keys of another form are passed over. */
  list(): { readonly partition: OffsetMap; readonly offset: OffsetMap }[] {
    const found = []
    for (const [key, value] of this.#store.entries()) {
      if (value === null) continue
      const partition = this.#partitionOf(key)
      if (partition !== null)
        found.push({ partition, offset: parseOffsetJson(value, this.#number) as OffsetMap })
    }
    return found
  }

  #partitionOf(key: string): OffsetMap | null {
    if (!key.startsWith('[')) return null
    const parsed = parseKey(key, this.#number)
    return parsed?.connector === this.#connector ? parsed.partition : null
  }
}

/** What the keys of one connector begin with. */
export function keyStart(connector: string): string {
  return `[${offsetJson(connector)},`
}

/** The parts of a stored key, or null for a key of another form. */
export function parseKey(
  key: string,
  number?: (token: string) => unknown,
): { readonly connector: string; readonly partition: OffsetMap } | null {
  let parsed
  try {
    parsed = parseOffsetJson(key, number)
  } catch {
    return null
  }
  if (!Array.isArray(parsed) || parsed.length !== 2 || typeof parsed[0] !== 'string') return null
  const partition: unknown = parsed[1]
  if (typeof partition !== 'object' || partition === null || Array.isArray(partition)) return null
  return { connector: parsed[0], partition: partition as OffsetMap }
}

/** Partitions and offsets are flat maps from strings to primitives; null stands for no map. Messages are Kafka's. */
export function validateOffsetFormat(map: unknown): void {
  if (map === null || map === undefined) return
  if (typeof map !== 'object' || Array.isArray(map) || map instanceof Uint8Array) {
    throw new DataError('Offsets must be specified as a Map')
  }
  for (const [key, value] of map instanceof Map ? map : Object.entries(map)) {
    if (typeof key !== 'string') throw new DataError('Offsets may only use String keys')
    const problem = notPrimitive(value)
    if (problem === null) continue
    throw new DataError(
      `Offsets may only contain primitive types as values, but field ${key} contains ${problem}`,
    )
  }
}

function notPrimitive(value: unknown): string | null {
  if (value === undefined) return 'undefined'
  if (typeof value === 'symbol' || typeof value === 'function') return typeof value
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return null
  if (Array.isArray(value)) return 'ARRAY'
  if (value instanceof Date) return 'class java.util.Date'
  if (typeof value.valueOf() !== 'object') return null
  const name = value.constructor?.name
  return value instanceof Map || name === undefined || name === 'Object' ? 'MAP' : `class ${name}`
}
