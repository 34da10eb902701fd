/**
 * InsertField adds what is known of a record (topic, partition, offset, timestamp) or a fixed text to its key or value.
 *
 * Same settings and results as org.apache.kafka.connect.transforms.InsertField.
 */
import {
  boolean,
  ConfigError,
  configDef,
  DataError,
  Int32,
  keyAndValue,
  optionalTimestampSchema,
  Schema,
  SchemaBuilder,
  SinkRecord,
  string,
  Struct,
  timestampSchema,
  type ConnectRecord,
  type PartTransform,
} from '../index.ts'
import { requireMap, requireStruct } from './requirements.ts'
import { schemaCache } from './schema-cache.ts'

const purpose = 'field insertion'
const fieldDoc = (what: string) =>
  `Name of the field for ${what}. With ! behind it the field is required, with ? or nothing optional.`
const field = (what: string) => string({ importance: 'medium', default: null, doc: fieldDoc(what) })

export const insertField = keyAndValue({
  name: 'org.apache.kafka.connect.transforms.InsertField',
  doc: 'Adds fields that say where a record belongs (topic, partition, offset, timestamp), or a fixed text.',
  isUniform: true,
  config: configDef({
    'topic.field': field('the topic'),
    'partition.field': field('the partition'),
    'offset.field': field('the offset, in sinks only'),
    'timestamp.field': field('the timestamp'),
    'static.field': field('the fixed text'),
    'static.value': string({
      importance: 'medium',
      default: null,
      doc: 'The fixed text.',
    }),
    'replace.null.with.default': boolean({
      importance: 'medium',
      default: true,
      doc: 'What a null in a field with a default is: true makes it the default, false leaves it null.',
    }),
  }),
  create(settings): PartTransform {
    const staticValue = settings['static.value']
    const insertions = [
      insertion(settings['topic.field'], Schema.STRING, Schema.OPTIONAL_STRING, ({ topic }) => topic),
      insertion(
        settings['partition.field'],
        Schema.INT32,
        Schema.OPTIONAL_INT32,
        ({ partition }) => partition,
        (n) => new Int32(n as number),
      ),
      insertion(settings['offset.field'], Schema.INT64, Schema.OPTIONAL_INT64, offsetOf),
      insertion(
        settings['timestamp.field'],
        timestampSchema,
        optionalTimestampSchema,
        ({ timestamp }) => timestamp,
      ),
      insertion(settings['static.field'], Schema.STRING, Schema.OPTIONAL_STRING, () => staticValue),
    ].filter((found) => found !== null)
    if (insertions.length === 0) throw new ConfigError('No field insertion configured')
    if (settings['static.field'] !== null && staticValue === null) {
      throw new ConfigError(
        `Invalid value null for configuration static.value: No value specified for static field: ${settings['static.field']}`,
        { key: 'static.value' },
      )
    }
    const replaceNulls = settings['replace.null.with.default']
    const extended = schemaCache((schema) => extend(schema, insertions))

    return (part, record) => {
      if (part.value === null || part.value === undefined) return part
      if (part.schema === null) return { schema: null, value: insertIntoMap(part.value, insertions, record) }
      const before = requireStruct(part, purpose)
      const schema = extended(before.schema)
      const after = new Struct(schema)
      for (const field of before.schema.fields) {
        const value = replaceNulls ? before.get(field) : before.at(field.index)
        // What is there was checked when it was put; a null may be missing still.
        if (value === null) after.put(field, value)
        else after.putUnchecked(field, value)
      }
      const first = before.schema.fields.length
      for (let i = 0; i < insertions.length; i++) {
        after.putUnchecked(schema.fields[first + i]!, insertions[i]!.value(record))
      }
      return { schema, value: after }
    }
  },
})

interface Insertion {
  readonly name: string
  readonly schema: Schema
  readonly value: (record: ConnectRecord) => unknown
  /** The value as schemaless data has it. */
  readonly schemaless: (value: unknown) => unknown
}

function insertion(
  spec: string | null,
  required: Schema,
  optional: Schema,
  value: Insertion['value'],
  schemaless: Insertion['schemaless'] = (same) => same,
): Insertion | null {
  if (spec === null) return null
  const name = /[?!]$/.test(spec) ? spec.slice(0, -1) : spec
  return { name, schema: spec.endsWith('!') ? required : optional, value, schemaless }
}

function offsetOf(record: ConnectRecord): number {
  if (record instanceof SinkRecord) return record.offset
  throw new DataError(
    `Only SinkRecord supported for [${purpose}], found: org.apache.kafka.connect.source.SourceRecord`,
  )
}

function insertIntoMap(value: unknown, insertions: readonly Insertion[], record: ConnectRecord): object {
  const after: Record<string, unknown> = { ...requireMap(value, purpose) }
  for (const { name, value: valueOf, schemaless } of insertions) {
    const inserted = valueOf(record)
    if (inserted === null) continue
    // An assignment to __proto__ would set the prototype.
    if (name !== '__proto__') after[name] = schemaless(inserted)
    else Object.defineProperty(after, name, { value: schemaless(inserted), enumerable: true, writable: true })
  }
  return after
}

function extend(schema: Schema, insertions: readonly Insertion[]): Schema {
  const builder = SchemaBuilder.struct().name(schema.name).version(schema.version).doc(schema.doc)
  if (schema.parameters !== null) builder.parameters(schema.parameters)
  for (const { name, schema: fieldSchema } of schema.fields) builder.field(name, fieldSchema)
  for (const { name, schema: fieldSchema } of insertions) builder.field(name, fieldSchema)
  return builder.build()
}
