import { equalSchemas, type Schema } from '../../index.ts'
import { LruCache } from './lru-cache.ts'
import { writer, type Write, type WriteOptions } from './write.ts'

export interface KnownWriter {
  readonly schema: Schema | null
  /** What stands before the payload of every value of the schema. */
  readonly prefix: string
  readonly write: Write
}

/** How many schemas are compared by content with one that is not known as an object. */
const compared = 4

/** Remembers, by schema, how to write its values. */
export class WriterCache {
  readonly #options: WriteOptions
  readonly #prefixOf: (schema: Schema | null) => string
  readonly #known: LruCache<Schema | null, KnownWriter>
  readonly #recent: KnownWriter[] = []
  #last: KnownWriter | null = null

  constructor(options: WriteOptions & { cacheSize: number }, prefixOf: (schema: Schema | null) => string) {
    this.#options = options
    this.#prefixOf = prefixOf
    this.#known = new LruCache(options.cacheSize)
  }

  of(schema: Schema | null): KnownWriter {
    if (this.#last !== null && this.#last.schema === schema) return this.#last
    this.#last = this.#known.get(schema) ?? this.#add(schema)
    return this.#last
  }

  /** A source may make a schema anew for every record. */
  #add(schema: Schema | null): KnownWriter {
    const equal = this.#recent.find((known) => equalSchemas(known.schema, schema))
    const known: KnownWriter = {
      schema,
      prefix: equal?.prefix ?? this.#prefixOf(schema),
      write: equal?.write ?? writer(schema, this.#options),
    }
    if (equal === undefined) {
      this.#recent.unshift(known)
      this.#recent.length = Math.min(this.#recent.length, compared)
      this.#known.set(schema, known)
    }
    return known
  }
}
