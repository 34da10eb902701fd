/**
 * JsonConverter writes values as JSON, with their schema around them or without, and reads them back.
 *
 * Same settings and bytes as org.apache.kafka.connect.json.JsonConverter.
 */
import {
  boolean,
  configDef,
  DataError,
  defineConverter,
  int,
  nothing,
  oneOfIgnoringCase,
  string,
  type Converter,
  type SchemaAndValue,
} from '../index.ts'
import { decodeJson } from './json/decode.ts'
import { exactNumbers, isPlainJson, parseJson, type NumberReader } from './json/parser.ts'
import { schemalessNumbers } from './json/read.ts'
import { ReaderCache, type KnownSchema } from './json/reader-cache.ts'
import { schemaToJson } from './json/schema-json.ts'
import type { WriteOptions } from './json/write.ts'
import { WriterCache } from './json/writer-cache.ts'

export const jsonConverter = defineConverter({
  name: 'org.apache.kafka.connect.json.JsonConverter',
  doc: 'Writes values as JSON, by default in an envelope with their schema, and reads them.',
  roles: ['key', 'value', 'header'],
  config: configDef({
    'schemas.enable': boolean({
      importance: 'high',
      default: true,
      group: 'Schemas',
      orderInGroup: 0,
      width: 'MEDIUM',
      displayName: 'Enable Schemas',
      doc: 'Whether every message brings its schema along, as {"schema": ..., "payload": ...}.',
    }),
    'schemas.cache.size': int({
      importance: 'high',
      default: 1000,
      group: 'Schemas',
      orderInGroup: 1,
      width: 'MEDIUM',
      displayName: 'Schema Cache Size',
      doc: 'How many schemas are remembered in each direction.',
    }),
    'decimal.format': string({
      importance: 'low',
      default: 'BASE64',
      validate: oneOfIgnoringCase('NUMERIC', 'BASE64'),
      group: 'Serialization',
      orderInGroup: 0,
      width: 'MEDIUM',
      displayName: 'Decimal Format',
      doc: 'How decimals are written: BASE64 as their bytes, NUMERIC as numbers. Both are read.',
    }),
    'replace.null.with.default': boolean({
      importance: 'low',
      default: true,
      group: 'Serialization',
      orderInGroup: 1,
      width: 'MEDIUM',
      displayName: 'Replace null with default',
      doc: 'What a null in a field with a default is: true makes it the default, false leaves it null.',
    }),
  }),
  create(settings): Converter {
    const options: Options = {
      replaceNulls: settings['replace.null.with.default'],
      numericDecimals: settings['decimal.format'].toUpperCase() === 'NUMERIC',
      cacheSize: settings['schemas.cache.size'],
    }
    return settings['schemas.enable'] ? new EnvelopeConverter(options) : new PayloadConverter(options)
  },
})

interface Options extends WriteOptions {
  readonly cacheSize: number
}

/** Values alone. */
class PayloadConverter implements Converter {
  readonly isUniform = true
  readonly #writers: WriterCache

  constructor(options: Options) {
    this.#writers = new WriterCache(options, () => '')
  }

  fromConnectData(_: string, { schema, value }: SchemaAndValue): Buffer | null {
    if (schema === null && (value === null || value === undefined)) return null
    return Buffer.from(this.#writers.of(schema).write(value))
  }

  toConnectData(_: string, bytes: Buffer | null): SchemaAndValue {
    if (bytes === null) return nothing
    const value = parse(decodeJson(bytes), schemalessNumbers) ?? null
    return value === null ? nothing : { schema: null, value }
  }
}

/** `{"schema":...,"payload":...}` */
class EnvelopeConverter implements Converter {
  readonly isUniform = true
  readonly #writers: WriterCache
  readonly #readers: ReaderCache

  constructor(options: Options) {
    this.#writers = new WriterCache(
      options,
      (schema) => `{"schema":${schemaToJson(schema, options)},"payload":`,
    )
    this.#readers = new ReaderCache(options)
  }

  fromConnectData(_: string, { schema, value }: SchemaAndValue): Buffer | null {
    if (schema === null && (value === null || value === undefined)) return null
    const { prefix, write } = this.#writers.of(schema)
    return Buffer.from(`${prefix}${write(value)}}`)
  }

  toConnectData(_: string, bytes: Buffer | null): SchemaAndValue {
    if (bytes === null) return nothing
    const known = this.#readers.forBytes(bytes)
    return (known === undefined ? undefined : readPayload(known, bytes)) ?? this.#readWhole(decodeJson(bytes))
  }

  #readWhole(text: string): SchemaAndValue {
    const found = this.#readers.forText(text)
    if (found !== undefined && text.endsWith('}')) {
      const data = found.known.parse(text.slice(found.payload, -1))
      if (data !== undefined) return data
    }
    const envelope = parse(text, exactNumbers)
    if (!isEnvelope(envelope)) {
      throw new DataError(
        'JsonConverter with schemas.enable requires "schema" and "payload" fields and may not contain additional fields. If you are trying to deserialize plain JSON data, set schemas.enable=false in your converter configuration.',
      )
    }
    return this.#readers.forSchema(envelope['schema']).toConnect(envelope['payload'])
  }
}

function isEnvelope(json: unknown): json is Record<string, unknown> {
  if (json === null || typeof json !== 'object' || Array.isArray(json)) return false
  return Object.keys(json).length === 2 && Object.hasOwn(json, 'schema') && Object.hasOwn(json, 'payload')
}

/** What follows a known prefix; undefined when it has to be looked at as a whole. */
function readPayload(known: KnownSchema, bytes: Buffer): SchemaAndValue | undefined {
  const start = known.prefix.length
  const end = bytes.length - 1
  if (bytes[end] !== 0x7d) return undefined
  if (known.isString && bytes[start] === 0x22 && bytes[end - 1] === 0x22 && end - start >= 2) {
    const value = bytes.toString('utf8', start + 1, end - 1)
    if (!notPlainText.test(value)) return { schema: known.schema, value }
  }
  const text = bytes.toString('utf8', start, end)
  return text.includes('\ufffd') ? undefined : known.parse(text)
}

const notPlainText = /[\u0000-\u001f"\\\ufffd]/

function parse(text: string, numbers: NumberReader): unknown {
  try {
    if (isPlainJson(text)) {
      try {
        return JSON.parse(text) as unknown
      } catch {
        // Kafka Connect's parser is more lenient, or tells better what is wrong.
      }
    }
    return parseJson(text, numbers)
  } catch (cause) {
    throw new DataError('Converting byte[] to Kafka Connect data failed due to serialization error: ', {
      cause,
    })
  }
}
