import { DataError } from '../../errors.ts'
import { equalSchemas } from '../equality.ts'
import { javaTrim } from '../../util/java-trim.ts'
import { Schema } from '../schema.ts'
import { nothing, type SchemaAndValue } from '../schema-and-value.ts'
import { boxed, mapOf } from './boxed.ts'
import { convertTo } from './conversions.ts'
import { parseNumber } from './numbers.ts'
import { SchemaMerger } from './schema-merger.ts'
import { parseTemporal } from './temporals.ts'
import { convertToString } from './text.ts'
import { Tokenizer } from './tokenizer.ts'

const yes: SchemaAndValue = { schema: Schema.BOOLEAN, value: true }
const no: SchemaAndValue = { schema: Schema.BOOLEAN, value: false }

/**
 * The value that a text seems to mean, with a schema: Connect's `Values.parseString`, quirks included. What is neither
 * null, a boolean, a number, a temporal, an array nor a map is a string. Elements of containers without a common schema
 * are such that they speak for themselves.
 */
export function parseString(text: string | null): SchemaAndValue {
  if (text === null) return nothing
  if (text === '') return { schema: Schema.STRING, value: '' }
  return new Parser(text).parse(false) ?? nothing
}

class Parser {
  readonly #tokens: Tokenizer

  constructor(text: string) {
    this.#tokens = new Tokenizer(text)
  }

  /** null: the text says null. Throws DataError for an embedded value that is none. */
  parse(isEmbedded: boolean): SchemaAndValue | null {
    const tokens = this.#tokens
    if (!tokens.hasNext) return null
    if (isEmbedded && tokens.take('"')) return this.#quoted()
    if (this.#takeWord('null', isEmbedded)) return null
    if (this.#takeWord('true', isEmbedded)) return yes
    if (this.#takeWord('false', isEmbedded)) return no
    const start = tokens.mark
    try {
      if (tokens.take('[')) return this.#array()
      if (tokens.take('{')) return this.#map()
    } catch (error) {
      if (!(error instanceof DataError)) throw error
      tokens.rewindTo(start)
    }
    const token = tokens.next()
    const trimmed = javaTrim(token)
    return trimmed === '' ? { schema: Schema.STRING, value: token } : this.#scalar(trimmed, isEmbedded)
  }

  #takeWord(word: string, isEmbedded: boolean): boolean {
    const start = this.#tokens.mark
    if (this.#tokens.take(word) && (isEmbedded || !this.#tokens.hasNext)) return true
    this.#tokens.rewindTo(start)
    return false
  }

  #quoted(): SchemaAndValue {
    let content = ''
    while (this.#tokens.hasNext && !this.#tokens.take('"')) content += this.#tokens.next()
    return parseTemporal(content) ?? { schema: Schema.STRING, value: content }
  }

  #scalar(token: string, isEmbedded: boolean): SchemaAndValue {
    const beginsWithDigit = /^\p{Nd}/u.test(token)
    const found =
      (beginsWithDigit ? this.#temporal(token) : undefined) ??
      (beginsWithDigit || token[0] === '+' || token[0] === '-' ? parseNumber(token) : undefined)
    if (found !== undefined) return found
    if (isEmbedded) throw new DataError('Failed to parse embedded value')
    return { schema: Schema.STRING, value: this.#tokens.text }
  }

  /** Colons cut a time into several tokens. */
  #temporal(token: string): SchemaAndValue | undefined {
    const start = this.#tokens.mark
    const found = parseTemporal(token + this.#tokens.nextOf(4))
    if (found !== undefined) return found
    this.#tokens.rewindTo(start)
    return parseTemporal(token)
  }

  #array(): SchemaAndValue {
    const tokens = this.#tokens
    const elements: SchemaAndValue[] = []
    const merger = new SchemaMerger()
    while (tokens.hasNext) {
      if (tokens.take(']')) {
        const valueSchema = merger.common
        const value = elements.map((element) => aligned(valueSchema, element))
        return { schema: new Schema({ type: 'ARRAY', valueSchema }), value }
      }
      if (tokens.take(',')) throw new DataError(`Unable to parse an empty array element: ${tokens.text}`)
      const element = this.parse(true)
      merger.add(element)
      elements.push(element ?? nothing)
      const end = tokens.mark
      if (tokens.take(']')) tokens.rewindTo(end)
      else if (!tokens.take(',')) throw new DataError("Array elements missing ',' delimiter")
    }
    throw new DataError(`Array is missing terminating ']': ${tokens.text}`)
  }

  #map(): SchemaAndValue {
    const tokens = this.#tokens
    /** By type and text of the key: an equal key gets the later value. */
    const entries = new Map<string, readonly [key: SchemaAndValue, value: SchemaAndValue]>()
    const keys = new SchemaMerger()
    const values = new SchemaMerger()
    while (tokens.hasNext) {
      if (tokens.take('}')) return alignedMap([...entries.values()], keys.common, values.common)
      if (tokens.take(','))
        throw new DataError(`Unable to parse a map entry with no key or value: ${tokens.text}`)
      const key = this.parse(true)
      if (key === null || key.value === null)
        throw new DataError(`Map entry may not have a null key: ${tokens.text}`)
      if (!tokens.take(':')) throw new DataError(`Map entry is missing ':': ${tokens.text}`)
      const value = this.parse(true)
      const identity = `${String(key.schema)}${convertToString(key.schema, key.value)}`
      const known = entries.get(identity)
      entries.set(identity, [known?.[0] ?? key, value ?? nothing])
      tokens.take(',')
      keys.add(key)
      values.add(value)
    }
    throw new DataError(`Map is missing terminating '}': ${tokens.text}`)
  }
}

function alignedMap(
  entries: readonly (readonly [SchemaAndValue, SchemaAndValue])[],
  keySchema: Schema | null,
  commonValueSchema: Schema | null,
): SchemaAndValue {
  const valueSchema = keySchema === null ? null : commonValueSchema
  const value = mapOf(entries.map(([key, value]) => [aligned(keySchema, key), aligned(valueSchema, value)]))
  return { schema: new Schema({ type: 'MAP', keySchema, valueSchema }), value }
}

/** An element as the common schema wants it, or such that it speaks for itself where there is none. */
function aligned(common: Schema | null, { schema, value }: SchemaAndValue): unknown {
  if (common === null || value === null) {
    if (common === null) return boxed(schema, value)
    throw new DataError('Unable to convert a null value to a schema that requires a value')
  }
  if ((common.type === 'ARRAY' || common.type === 'MAP') && equalSchemas(common, schema)) return value
  return convertTo(common, null, boxed(schema, value))
}
