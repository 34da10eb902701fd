import { boolean, ConfigError, list, rule, string, validRegex, type SettingsOf } from '../../index.ts'
import { javaSplit } from '../java-split.ts'
import { choice } from './choice.ts'
import { adjustmentMode } from './name-adjuster.ts'

const validPlacement = rule(
  'list of column:placement or column:placement:name',
  (items: readonly string[]) => {
    const bad = items.find((item) => ![2, 3].includes(javaSplit(item, ':').length))
    if (bad !== undefined)
      return `A comma-separated list of valid String pairs or trios is expected but got: ${bad}`
    const lost = items.find((item) => !isPlacement(placementOf(item).placement))
    return lost === undefined ? null : `Placement must be one of ${placements.join(', ')}: ${lost}`
  },
)

const column = (name: string, doc: string) => string({ importance: 'low', default: name, doc })
const ignored = 'Accepted and without effect: nothing is traced here.'

export const eventRouterFields = {
  'table.field.event.id': column('id', 'The column with the id of the event, which becomes the header id.'),
  'table.field.event.key': column('aggregateid', 'The column that becomes the key.'),
  'table.field.event.type': column(
    'type',
    'The column with the type of the event. Nothing is done with it unless table.fields.additional.placement names it.',
  ),
  'table.field.event.payload': column('payload', 'The column that becomes the value.'),
  'table.field.event.timestamp': string({
    importance: 'medium',
    default: null,
    doc: 'The column with the timestamp of the record, of a type of Debezium in milliseconds, microseconds or nanoseconds, or of Connect. Without it, or where it is null, the time at which Debezium read the event.',
  }),
  'table.fields.additional.placement': list({
    importance: 'high',
    default: [],
    validate: validPlacement,
    doc: 'Further columns that are wanted, each with the place for it and perhaps another name: column:header, column:envelope:name, column:partition. With one in the envelope the value is a struct of payload and these columns.',
  }),
  'table.field.additional.missing': string({
    importance: 'medium',
    default: null,
    validate: choice('error', 'ignore'),
    doc: 'What happens where an event does not have such a column: error, as without this setting, or ignore.',
  }),
  'table.fields.additional.error.on.missing': boolean({
    importance: 'low',
    default: null,
    doc: 'Older way to say it, read where table.field.additional.missing is not set: false ignores it.',
  }),
  'table.field.event.schema.version': string({
    importance: 'low',
    default: null,
    doc: 'The column with the version that the schema of the value gets, an INT32. Used only with a column in the envelope.',
  }),
  'table.op.invalid.behavior': string({
    importance: 'medium',
    default: null,
    validate: choice('warn', 'error', 'fatal'),
    doc: 'What happens to an update of an event, which should not be: warn, as without this setting, and error drop it, fatal fails. Neither of the two logs anything here.',
  }),
  'debezium.op.invalid.behavior': string({
    importance: 'low',
    default: null,
    validate: choice('warn', 'error', 'fatal'),
    doc: 'Older name of table.op.invalid.behavior.',
  }),
  'table.expand.json.payload': boolean({
    importance: 'medium',
    default: null,
    doc: 'Whether a payload that is the text of a JSON object or array becomes data with the schema that it seems to have. Without this setting it does not, and what cannot be read so stays a text.',
  }),
  'debezium.expand.json.payload': boolean({
    importance: 'low',
    default: null,
    doc: 'Older name of table.expand.json.payload.',
  }),
  'table.json.payload.null.behavior': string({
    importance: 'medium',
    default: 'ignore',
    validate: choice('ignore', 'optional_bytes'),
    doc: 'What a null in such JSON becomes: ignore leaves the field out, optional_bytes makes it a null of optional bytes.',
  }),
  'table.json.payload.empty.array.behavior': string({
    importance: 'medium',
    default: 'ignore',
    validate: choice('ignore', 'optional_string'),
    doc: 'What an empty array in such JSON becomes: ignore leaves the field out, optional_string makes it an array of optional texts.',
  }),
  'field.name.adjustment.mode': adjustmentMode('What happens to the names in such JSON.'),
  'route.by.field': string({
    importance: 'high',
    default: 'aggregatetype',
    doc: 'The column that the topic depends on.',
  }),
  'route.topic.regex': string({
    importance: 'low',
    default: '(?<routedByValue>.*)',
    validate: validRegex,
    doc: 'The pattern that what this column says has to match, a Java regular expression. Where it does not match it is the topic as it is.',
  }),
  'route.topic.replacement': string({
    importance: 'high',
    default: 'outbox.event.${routedByValue}',
    doc: 'The topic; $1 and ${name} stand for groups of the pattern.',
  }),
  'route.tombstone.on.empty.payload': boolean({
    importance: 'high',
    default: false,
    doc: 'Whether an event whose payload is null or a blank text becomes a tombstone.',
  }),
  'tracing.span.context.field': string({ importance: 'low', default: 'tracingspancontext', doc: ignored }),
  'tracing.operation.name': string({ importance: 'low', default: 'debezium-read', doc: ignored }),
  'tracing.with.context.field.only': boolean({ importance: 'low', default: false, doc: ignored }),
}

export type EventRouterSettings = SettingsOf<typeof eventRouterFields>

const placements = ['header', 'envelope', 'partition'] as const
type Placement = (typeof placements)[number]

/** A column that goes somewhere beside the payload. */
export interface AdditionalColumn {
  readonly column: string
  readonly placement: Placement
  readonly name: string
}

/** Throws ConfigError where the value would have two fields of one name. */
export function additionalColumns(settings: EventRouterSettings): AdditionalColumn[] {
  const columns = settings['table.fields.additional.placement'].map(placementOf) as AdditionalColumn[]
  const taken = new Set(['payload'])
  for (const { name, placement } of columns) {
    if (placement !== 'envelope') continue
    if (taken.has(name)) {
      const key = 'table.fields.additional.placement'
      throw new ConfigError(
        `Invalid value ${name} for configuration ${key}: the value has such a field already`,
        { key },
      )
    }
    taken.add(name)
  }
  return columns
}

function placementOf(item: string): { column: string; placement: string; name: string } {
  const [column = '', placement = '', name] = javaSplit(item, ':').map((part) => part.trim())
  return { column, placement: placement.toLowerCase(), name: name ?? column }
}

function isPlacement(text: string): text is Placement {
  return (placements as readonly string[]).includes(text)
}
