/**
 * HeaderToField copies headers into fields of the key or value.
 *
 * Same settings and results as com.github.jcustenborder.kafka.connect.transform.common.HeaderToField; data without a
 * schema and headers of bytes, which the original refuses, are taken as well.
 */
import {
  configDef,
  dateBuilder,
  decimalBuilder,
  keyAndValue,
  list,
  rule,
  SchemaBuilder,
  Struct,
  timeBuilder,
  timestampBuilder,
  Values,
  type ConnectRecord,
  type PartTransform,
  type Schema,
  type SchemaType,
} from '../../index.ts'
import { javaSplit } from '../java-split.ts'
import { copyMembers, setMember } from '../maps.ts'
import { planCache } from '../plan-cache.ts'
import { derived, structOrMap, unbound } from './struct-or-map.ts'

const validMappings = rule('list of header:type[:field]', (mappings: readonly string[] | null) => {
  if (mappings === null) return 'entry must be non null'
  for (const mapping of mappings) {
    const parsed = parseMapping(mapping)
    if (typeof parsed === 'string') return parsed
  }
  return null
})

export const headerToField = keyAndValue({
  name: 'com.github.jcustenborder.kafka.connect.transform.common.HeaderToField',
  doc: 'Copies headers into new fields of the key or value. Of several headers of a name the last one counts; where there is none the field is null.',
  config: configDef({
    'header.mappings': list({
      importance: 'high',
      validate: validMappings,
      doc: 'What becomes what: header:type, or header:type:field where the field has another name. A type is INT8, INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, STRING, BYTES, INT64(Timestamp), INT32(Date), INT32(Time) or BYTES(Decimal[scale=2]).',
    }),
  }),
  create({ 'header.mappings': texts }): PartTransform {
    const mappings = texts.map(parseMapping).filter((parsed) => typeof parsed !== 'string')
    const extended = planCache((schema) =>
      derived(schema, [...schema.fields, ...mappings.map(({ field, schema }) => ({ name: field, schema }))]),
    )
    const forMaps = mappings.map(({ schema }) => unbound(schema))

    return structOrMap({
      purpose: 'copying headers to fields',
      schema: extended,
      struct(struct, record) {
        const schema = extended(struct.schema)
        const values = struct.schema.fields.map((field) => struct.get(field))
        for (const mapping of mappings) values.push(valueFor(mapping, record))
        return { schema, value: Struct.adopt(schema, values) }
      },
      map(members, record) {
        const after = copyMembers(members)
        mappings.forEach((mapping, i) => {
          setMember(after, mapping.field, forMaps[i]!(valueFor(mapping, record)))
        })
        return after
      },
    })
  },
})

interface Mapping {
  readonly header: string
  readonly field: string
  /** Optional always. */
  readonly schema: Schema
}

function valueFor({ header, schema }: Mapping, { headers }: ConnectRecord): unknown {
  const found = headers.lastWithName(header)
  return found === undefined ? null : Values.convertTo(schema, found.schema, found.value)
}

/** The mapping, or what is wrong with it. */
function parseMapping(text: string): Mapping | string {
  const parts = javaSplit(text, ':')
  if (parts.length < 2 || parts.length > 3) return `${text} is not of the form header:type[:field]`
  const header = parts[0]!.trim()
  const type = parts[1]!.trim()
  const schema = schemaOf(type)
  if (schema === null) return `${type} in ${text} is no type of a header`
  return { header, field: parts[2] ?? header, schema }
}

const primitives: readonly string[] = [
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FLOAT32',
  'FLOAT64',
  'BOOLEAN',
  'STRING',
  'BYTES',
] satisfies readonly SchemaType[]

const logical: Readonly<Record<string, () => SchemaBuilder>> = {
  'INT64(TIMESTAMP)': timestampBuilder,
  'INT32(DATE)': dateBuilder,
  'INT32(TIME)': timeBuilder,
}

const maxScale = 49

function schemaOf(text: string): Schema | null {
  const type = text.toUpperCase().replace('(ORG.APACHE.KAFKA.CONNECT.DATA.', '(')
  if (primitives.includes(type)) return new SchemaBuilder(type as SchemaType).optional().build()
  if (Object.hasOwn(logical, type)) return logical[type]!().optional().build()
  const scale = /^BYTES\(DECIMAL\[SCALE=(\d{1,2})\]\)$/.exec(type)?.[1]
  if (scale === undefined || Number(scale) > maxScale) return null
  return decimalBuilder(Number(scale)).optional().build()
}
