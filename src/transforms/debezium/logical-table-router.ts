/**
 * ByLogicalTableRouter sends the change events of several tables to one topic. Keys and values get the schema names of
 * that topic, and keys by default a field that says which table they came from.
 *
 * Same settings and results as io.debezium.transforms.ByLogicalTableRouter and its newer form, ToLogicalTopicRouter.
 * Where tables have equal schemas, the schema names follow the topic of each record; the originals keep the first.
 */
import {
  boolean,
  ConfigError,
  configDef,
  defineTransform,
  int,
  nothing,
  rule,
  Schema,
  string,
  Struct,
  validRegex,
  type SchemaAndValue,
  type SettingsOf,
  type Transform,
} from '../../index.ts'
import { planCache } from '../plan-cache.ts'
import { requireStruct } from '../requirements.ts'
import { changeEvent, isMissing } from './envelope.ts'
import { adjustmentMode, nameAdjuster } from './name-adjuster.ts'
import { named, regrown } from './renamed-schema.ts'
import { topicPattern } from './topic-pattern.ts'

const purpose = 'Updating schema'

const optionalRegex = rule('valid regex', (value: string | null) => {
  if (value !== null && value !== '') validRegex.check('key.field.regex', value, 'STRING')
  return null
})

const fields = (keyFieldName: string) => ({
  'topic.regex': string({
    importance: 'low',
    validate: validRegex,
    doc: 'The pattern that the topic has to match as a whole, a Java regular expression. Other records stay as they are.',
  }),
  'topic.replacement': string({
    importance: 'low',
    doc: 'The topic that the record goes to; $1 and ${name} stand for groups of the pattern.',
  }),
  'key.enforce.uniqueness': boolean({
    importance: 'low',
    default: true,
    doc: 'Whether keys get a field that says which table they are of, because keys of different tables may be equal.',
  }),
  'key.field.name': string({
    importance: 'low',
    default: keyFieldName,
    doc: 'What that field is called.',
  }),
  'key.field.regex': string({
    importance: 'low',
    default: null,
    validate: optionalRegex,
    doc: 'The pattern that makes the content of that field out of the topic; without it, or where it does not match, the field holds the topic.',
  }),
  'key.field.replacement': string({
    importance: 'low',
    default: null,
    doc: 'The content of that field; $1 and ${name} stand for groups of key.field.regex. Required with it.',
  }),
  'schema.name.adjustment.mode': adjustmentMode('What happens to the new names of schemas.'),
  'logical.destination.cache.size': int({
    importance: 'low',
    default: 16,
    doc: 'How many topics are remembered with what becomes of them.',
  }),
  'logical.table.cache.size': int({
    importance: 'low',
    default: null,
    doc: 'Older name of logical.destination.cache.size.',
  }),
})

export const byLogicalTableRouter = router('ByLogicalTableRouter', '__dbz__physicalTableIdentifier')
export const toLogicalTopicRouter = router('ToLogicalTopicRouter', '__dbz__sourceIdentifier')

function router(name: string, keyFieldName: string) {
  return defineTransform({
    name: `io.debezium.transforms.${name}`,
    doc: 'Sends the change events of several tables to one topic, and adds to their keys which table they are of.',
    config: configDef(fields(keyFieldName)),
    create,
  })
}

function create(settings: SettingsOf<ReturnType<typeof fields>>): Transform {
  const topicOf = topicPattern(settings['topic.regex'], settings['topic.replacement'])
  const keyField = settings['key.enforce.uniqueness'] ? settings['key.field.name'] : null
  const tableOf = tablePattern(settings['key.field.regex'] ?? '', settings['key.field.replacement'] ?? '')
  const adjust = nameAdjuster(settings['schema.name.adjustment.mode'], 'schema')
  const size = settings['logical.table.cache.size'] ?? settings['logical.destination.cache.size']
  const known = new Map<string, Route | null>()

  function routeOf(topic: string): Route | null {
    let found = known.get(topic)
    if (found === undefined) {
      const to = topicOf(topic)
      found = to === null || to === '' ? null : route(to, keyField, tableOf(topic), adjust)
      if (known.size >= size) known.clear()
      known.set(topic, found)
    }
    return found
  }

  return {
    apply(record) {
      const found = routeOf(record.topic)
      if (found === null) return record
      const key = isMissing(record.key.value) ? nothing : found.key(record.key)
      const envelope = changeEvent(record.value, purpose)
      const value = envelope === null ? record.value : found.value(envelope)
      return record.with({ topic: found.topic, key, value })
    },
  }
}

/** What becomes of the records of one topic. */
interface Route {
  readonly topic: string
  key(key: SchemaAndValue): SchemaAndValue
  value(envelope: Struct): SchemaAndValue
}

function route(
  topic: string,
  keyField: string | null,
  table: string,
  adjust: (name: string) => string,
): Route {
  const extra = keyField === null ? [] : [{ name: keyField, schema: Schema.STRING }]
  const keys = planCache((schema) => named(schema, adjust(`${topic}.Key`), [...schema.fields, ...extra]))
  const envelopes = planCache((schema) => envelopeSchema(schema, topic, adjust))
  return {
    topic,
    key(key) {
      const struct = requireStruct(key, purpose)
      const schema = keys(struct.schema)
      const values = struct.schema.fields.map(({ index }) => struct.at(index))
      if (keyField !== null) values.push(table)
      return { schema, value: Struct.adopt(schema, values) }
    },
    value(envelope) {
      const schema = envelopes(envelope.schema)
      const values = schema.fields.map((field) => {
        const value = envelope.get(envelope.schema.fields[field.index]!)
        return isRow(field) && !isMissing(value) ? regrown(value as Struct, field.schema) : value
      })
      return { schema, value: Struct.adopt(schema, values) }
    },
  }
}

function envelopeSchema(schema: Schema, topic: string, adjust: (name: string) => string): Schema {
  const row = schema.field('before') ?? schema.field('after')
  const renamed = row === undefined ? null : named(row.schema, adjust(`${topic}.Value`), row.schema.fields)
  const changed = schema.fields.map((field) =>
    renamed !== null && isRow(field) ? { name: field.name, schema: renamed } : field,
  )
  return named(schema, adjust(`${topic}.Envelope`), changed)
}

function isRow({ name }: { readonly name: string }): boolean {
  return name === 'before' || name === 'after'
}

function tablePattern(regex: string, replacement: string): (topic: string) => string {
  if (regex === '') return (topic) => topic
  if (replacement === '') {
    throw new ConfigError(
      'Invalid value null for configuration key.field.replacement: key.field.replacement must be non-empty if key.field.regex is set.',
      { key: 'key.field.replacement' },
    )
  }
  const pattern = topicPattern(regex, replacement)
  return (topic) => pattern(topic) ?? topic
}
