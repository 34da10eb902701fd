import { decimalName, nothing, type Schema, type SchemaAndValue } from '../../index.ts'
import { LruCache } from './lru-cache.ts'
import { exactNumbers, Fraction, isPlainJson, parseWholeJson } from './parser.ts'
import { reader, type Read } from './read.ts'
import { schemaFromJson } from './schema-json.ts'

const start = '{"schema":'
const middle = ',"payload":'
/** How many prefixes are looked for in the bytes before these are decoded. */
const recentSize = 4

/** A schema that was read before, and how to read the payloads that come with it. */
export class KnownSchema {
  readonly schema: Schema | null
  /** The bytes up to the payload, where the envelope is written the usual way. */
  readonly prefix: Buffer
  readonly isString: boolean
  readonly #needsTokens: boolean
  readonly #read: Read

  constructor(schema: Schema | null, schemaText: string, replaceNulls: boolean) {
    this.schema = schema
    this.prefix = Buffer.from(start + schemaText + middle)
    this.isString = schema !== null && schema.type === 'STRING' && schema.name === null
    this.#needsTokens = schema !== null && hasDecimal(schema)
    this.#read = reader(schema, replaceNulls)
  }

  /** The value of a text that is one JSON value as a whole; undefined for any other text. */
  parse(text: string): SchemaAndValue | undefined {
    const isPlain = !this.#needsTokens && isPlainJson(text)
    let json: unknown
    try {
      json = isPlain ? JSON.parse(text) : parseWholeJson(text, exactNumbers)
    } catch {
      return undefined
    }
    if (json === undefined) return undefined
    if (isPlain && this.schema === null) return json === null ? nothing : { schema: null, value: json }
    return this.toConnect(json)
  }

  toConnect(json: unknown): SchemaAndValue {
    const value = this.#read(json)
    return value === null && this.schema === null ? nothing : { schema: this.schema, value }
  }
}

/** Whether the values can be read only from numbers as they are written. */
function hasDecimal(schema: Schema | null): boolean {
  if (schema === null) return false
  if (schema.name === decimalName) return true
  if (schema.type === 'ARRAY') return hasDecimal(schema.valueSchema)
  if (schema.type === 'MAP') return hasDecimal(schema.keySchema) || hasDecimal(schema.valueSchema)
  return schema.type === 'STRUCT' && schema.fields.some((field) => hasDecimal(field.schema))
}

/** Remembers schemas by their JSON text, so that of most records only the payload is looked at. */
export class ReaderCache {
  readonly #replaceNulls: boolean
  readonly #known: LruCache<string, KnownSchema>
  readonly #recent: KnownSchema[] = []
  readonly #recentSize: number

  constructor({ replaceNulls, cacheSize }: { replaceNulls: boolean; cacheSize: number }) {
    this.#replaceNulls = replaceNulls
    this.#known = new LruCache(cacheSize)
    this.#recentSize = Math.max(0, Math.min(recentSize, cacheSize))
  }

  /** One of the schemas used last, if the bytes begin with it. */
  forBytes(bytes: Buffer): KnownSchema | undefined {
    const recent = this.#recent
    for (let i = 0; i < recent.length; i++) {
      const { prefix } = recent[i]!
      if (bytes.length > prefix.length && bytes.compare(prefix, 0, prefix.length, 0, prefix.length) === 0) {
        return recent[i]
      }
    }
    return undefined
  }

  /** The schema at the begin of an envelope written the usual way, and where the payload begins. */
  forText(text: string): { known: KnownSchema; payload: number } | undefined {
    if (!text.startsWith(start)) return undefined
    const end = skipValue(text, start.length)
    if (end < 0 || !text.startsWith(middle, end)) return undefined
    const schemaText = text.slice(start.length, end)
    let known = this.#known.get(schemaText)
    if (known === undefined) {
      let json
      try {
        json = parseWholeJson(schemaText, exactNumbers)
      } catch {
        return undefined
      }
      if (json === undefined) return undefined
      known = this.#add(schemaText, json)
    }
    this.#moveToFront(known)
    return { known, payload: end + middle.length }
  }

  /** For a schema that was read as part of something larger. */
  forSchema(json: unknown): KnownSchema {
    const text = JSON.stringify(json, (_, value: unknown) => {
      if (typeof value === 'bigint') return { big: String(value) }
      return value instanceof Fraction ? { fraction: value.token } : value
    })
    return this.#known.get(text) ?? this.#add(text, json)
  }

  #add(text: string, json: unknown): KnownSchema {
    const known = new KnownSchema(schemaFromJson(json, this.#replaceNulls), text, this.#replaceNulls)
    this.#known.set(text, known)
    return known
  }

  #moveToFront(known: KnownSchema): void {
    const at = this.#recent.indexOf(known)
    if (at === 0) return
    if (at > 0) this.#recent.splice(at, 1)
    this.#recent.unshift(known)
    if (this.#recent.length > this.#recentSize) this.#recent.length = this.#recentSize
  }
}

/**
 * Where the value that begins at `from` ends, without looking at what is in it: for text that is parsed afterwards.
 * -1 where no end is found.
 */
function skipValue(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22:
        do at++
        while (at < text.length && text.charCodeAt(at) !== 0x22 && (text.charCodeAt(at) !== 0x5c || ++at > 0))
        break
      case 0x7b:
      case 0x5b:
        depth++
        break
      case 0x7d:
      case 0x5d:
        if (depth === 0) return at
        depth--
        break
      case 0x2c:
        if (depth === 0) return at
        break
      default:
    }
  }
  return -1
}
