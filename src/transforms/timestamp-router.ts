/**
 * TimestampRouter renames the topic of a record after the record's timestamp.
 *
 * Same settings and results as org.apache.kafka.connect.transforms.TimestampRouter.
 */
import { configDef, DataError, defineTransform, string } from '../index.ts'
import { SimpleDateFormat } from './simple-date-format.ts'

export const timestampRouter = defineTransform({
  name: 'org.apache.kafka.connect.transforms.TimestampRouter',
  doc: 'Update the record’s topic field as a function of the original topic value and the record timestamp.',
  config: configDef({
    'topic.format': string({
      importance: 'high',
      default: '${topic}-${timestamp}',
      doc: 'Format string which can contain ${topic} and ${timestamp} as placeholders for the topic and timestamp, respectively.',
    }),
    'timestamp.format': string({
      importance: 'high',
      default: 'yyyyMMdd',
      doc: 'Format string for the timestamp that is compatible with java.text.SimpleDateFormat.',
    }),
  }),
  create({ 'topic.format': topicFormat, 'timestamp.format': timestampFormat }) {
    // Kafka Connect looks at the pattern when the first record comes.
    let format: SimpleDateFormat | undefined
    const betweenTopics = topicFormat.split('${topic}')
    return {
      apply(record) {
        if (record.timestamp === null) throw new DataError(`Timestamp missing on record: ${String(record)}`)
        format ??= new SimpleDateFormat(timestampFormat)
        const timestamp = format.format(record.timestamp)
        const topic = betweenTopics.join(record.topic).split('${timestamp}').join(timestamp)
        return record.with({ topic })
      },
    }
  },
})
