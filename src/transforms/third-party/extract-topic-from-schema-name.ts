/**
 * ExtractTopicFromSchemaName sends a record to the topic that the name of its value's schema gives.
 *
 * Same settings and results as io.aiven.kafka.connect.transforms.ExtractTopicFromSchemaName, which has no form for keys.
 */
import {
  ConfigError,
  configDef,
  DataError,
  defineTransform,
  javaPattern,
  rule,
  string,
  validRegex,
  type Validator,
} from '../../index.ts'

const mapKey = 'schema.name.topic-map'
const regexKey = 'schema.name.regex'

const optionalRegex: Validator = {
  description: 'valid regex',
  check(name, value, type) {
    if (value !== null) validRegex.check(name, value, type)
  },
}

const validMap = rule('list of schema:topic', (text: string | null) => {
  const wrong = text === null ? undefined : text.split(',').find((entry) => !/^[^:]+:[^:]+$/.test(entry))
  return wrong === undefined ? null : `"${wrong}" is not of the form schema:topic`
})

export const extractTopicFromSchemaName = defineTransform({
  name: 'io.aiven.kafka.connect.transforms.ExtractTopicFromSchemaName$Value',
  doc: "Sends a record to the topic that its value's schema is named after; a value without a schema that has a name is a data error.",
  config: configDef({
    [mapKey]: string({
      importance: 'low',
      default: null,
      validate: validMap,
      doc: 'Topics by the name of the schema, as schema:topic,schema:topic. Other schemas give the topic of their own name.',
    }),
    [regexKey]: string({
      importance: 'low',
      default: null,
      validate: optionalRegex,
      doc: 'A pattern with one group that is the topic, looked for in the name of the schema. Where it finds nothing the whole name is the topic.',
    }),
  }),
  create(settings) {
    const text = settings[mapKey]
    const source = settings[regexKey]
    if (text !== null && source !== null) {
      throw new ConfigError(`${mapKey} and ${regexKey} should not be defined together.`, { key: mapKey })
    }
    const topics = new Map((text ?? '').split(',').map((entry) => entry.split(':') as [string, string]))
    const pattern = source === null || source === '' ? null : javaPattern(source)
    const topicOf = (name: string): string => {
      const known = topics.get(name)
      if (known !== undefined) return known
      // The whole match counts as a group here.
      if (pattern === null || pattern.groups.length !== 2) return name
      return pattern.find.exec(name)?.[pattern.groups[1]!] ?? name
    }

    return {
      apply(record) {
        const name = record.value.schema?.name ?? null
        if (name === null) throw new DataError(` value schema name can't be null: ${String(record)}`)
        return record.with({ topic: topicOf(name) })
      },
    }
  },
})
