import { DataError } from '../errors.ts'
import { javaText } from './java-text.ts'
import type { Schema } from './schema.ts'
import type { SchemaAndValue } from './schema-and-value.ts'
import { Struct } from './struct.ts'
import { fits } from './validate.ts'

export interface Header {
  readonly key: string
  readonly schema: Schema | null
  readonly value: unknown
}

/** Connect's headers: an ordered multimap. Immutable: every change gives new headers. */
export class Headers implements Iterable<Header> {
  static readonly empty: Headers = new Headers([])
  readonly #headers: readonly Header[]

  private constructor(headers: readonly Header[]) {
    this.#headers = headers
  }

  static of(headers: readonly Header[]): Headers {
    return headers.length === 0 ? Headers.empty : new Headers(headers.map(checked))
  }

  get size(): number {
    return this.#headers.length
  }

  [Symbol.iterator](): Iterator<Header> {
    return this.#headers[Symbol.iterator]()
  }

  add(key: string, { schema, value }: SchemaAndValue): Headers {
    return new Headers([...this.#headers, checked({ key, schema, value })])
  }

  remove(key: string): Headers {
    return this.#filtered((header) => header.key !== key)
  }

  /** Keeps only the last header of each key, or of the one given. */
  retainLatest(key?: string): Headers {
    return this.#filtered(
      (header, i) =>
        (key !== undefined && header.key !== key) ||
        this.#headers.findLastIndex((h) => h.key === header.key) === i,
    )
  }

  lastWithName(key: string): Header | undefined {
    return this.#headers.findLast((header) => header.key === key)
  }

  allWithName(key: string): readonly Header[] {
    return this.#headers.filter((header) => header.key === key)
  }

  /** Replaces every header by what `change` gives; null removes it. */
  apply(change: (header: Header) => Header | null): Headers {
    return Headers.of(this.#headers.map(change).filter((header) => header !== null))
  }

  toString(): string {
    return `ConnectHeaders(headers=[${this.#headers
      .map(
        ({ key, schema, value }) =>
          `ConnectHeader(key=${key}, value=${javaText(value, schema)}, schema=${String(schema)})`,
      )
      .join(', ')}])`
  }

  #filtered(keep: (header: Header, index: number) => boolean): Headers {
    const kept = this.#headers.filter(keep)
    return kept.length === this.#headers.length ? this : new Headers(kept)
  }
}

function checked(header: Header): Header {
  const { key, schema, value } = header
  if (key === null || key === undefined) throw new TypeError('Null header keys are not permitted')
  if (schema === null) return value instanceof Struct ? { key, schema: value.schema, value } : header
  if (value === null || value === undefined) {
    if (schema.optional) return header
    throw new DataError(`A null value requires an optional schema but was ${String(schema)}`)
  }
  if (!fits(schema, value)) {
    throw new DataError(`The value ${javaText(value)} is not compatible with the schema ${String(schema)}`)
  }
  return header
}
