/**
 * MessageTimestampRouter renames the topic of a record after a time that stands in its value.
 *
 * Same settings as io.confluent.connect.transforms.MessageTimestampRouter. Beside texts it reads times that are numbers.
 */
import {
  configDef,
  DataError,
  defineTransform,
  Instant,
  javaClassOf,
  list,
  nonEmpty,
  rule,
  string,
  type ConnectRecord,
} from '../../index.ts'
import { member } from '../maps.ts'
import { requireMap } from '../requirements.ts'
import { SimpleDateFormat } from '../simple-date-format.ts'
import { isMap, membersOf } from './struct-or-map.ts'

const purpose = 'routing by a timestamp in the message'

const validFormat = rule('SimpleDateFormat pattern', (pattern: string) => {
  try {
    new SimpleDateFormat(pattern)
    return null
  } catch (error) {
    return (error as Error).message
  }
})

export const messageTimestampRouter = defineTransform({
  name: 'io.confluent.connect.transforms.MessageTimestampRouter',
  doc: 'Puts a time out of the value, which has to be a map, into the name of the topic.',
  config: configDef({
    'topic.format': string({
      importance: 'high',
      default: '${topic}-${timestamp}',
      doc: 'The new name; ${topic} is the old one, ${timestamp} the time.',
    }),
    'message.timestamp.format': string({
      importance: 'high',
      default: '',
      validate: validFormat,
      doc: "How the time is written in the value, in the pattern letters of Java's SimpleDateFormat, in UTC where it names no zone. When empty, a text has to be ISO 8601. A number counts milliseconds since 1970 always.",
    }),
    'message.timestamp.keys': list({
      importance: 'high',
      default: ['timestamp'],
      validate: nonEmpty,
      doc: 'The members of the value that may hold the time; the first one that is there counts.',
    }),
    'topic.timestamp.format': string({
      importance: 'high',
      default: 'yyyyMMdd',
      validate: validFormat,
      doc: "How the time is written in the name of the topic, in the pattern letters of Java's SimpleDateFormat, in UTC.",
    }),
  }),
  create(settings) {
    const keys = settings['message.timestamp.keys']
    const pattern = settings['message.timestamp.format']
    const read = pattern === '' ? readIso : reader(new SimpleDateFormat(pattern))
    const format = new SimpleDateFormat(settings['topic.timestamp.format'])
    const betweenTopics = settings['topic.format'].split('${topic}')

    return {
      apply(record) {
        const [key, found] = timeIn(record, keys)
        const epochMs = typeof found === 'string' ? read(found) : epochMsOf(found)
        if (epochMs === undefined) {
          const shown = typeof found === 'string' ? `"${found}"` : javaClassOf(found)
          throw new DataError(
            `${key} in the value of a record of topic ${record.topic} is ${shown}, which is no time ` +
              (pattern === '' ? 'in ISO 8601' : `of the form ${pattern}`),
          )
        }
        const timestamp = format.format(epochMs)
        const topic = betweenTopics.join(record.topic).split('${timestamp}').join(timestamp)
        return record.with({ topic })
      },
    }
  },
})

function timeIn(record: ConnectRecord, keys: readonly string[]): [key: string, time: unknown] {
  const { value } = record.value
  const members = isMap(value) ? membersOf(record.value, purpose) : requireMap(value, purpose)
  for (const key of keys) {
    const found = member(members, key)
    if (found !== null) return [key, found]
  }
  throw new DataError(
    `None of ${keys.join(', ')} is in the value of a record of topic ${record.topic} to give its topic a time`,
  )
}

function reader(format: SimpleDateFormat): (text: string) => number | bigint | undefined {
  return (text) => format.parse(text)
}

function readIso(text: string): number | undefined {
  if (!/^\d{4}-\d\d(?:-\d\d)?(?:T|$)/.test(text)) return undefined
  // Without a zone JavaScript takes a time for a local one.
  const epochMs = Date.parse(/T.*(?:Z|[+-]\d\d:?\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`)
  return Number.isNaN(epochMs) ? undefined : epochMs
}

function epochMsOf(value: unknown): number | bigint | undefined {
  if (value instanceof Instant) return value.value
  return javaClassOf(value) === 'java.lang.Long' ? (value as number | bigint) : undefined
}
