/**
 * TimestampRouter renames the topic of a record after the record's timestamp.
 *
 * Same settings and results as org.apache.kafka.connect.transforms.TimestampRouter.
 */
import { configDef, DataError, defineTransform, string } from '../index.ts'
import { SimpleDateFormat } from './simple-date-format.ts'

export const timestampRouter = defineTransform({
  name: 'org.apache.kafka.connect.transforms.TimestampRouter',
  doc: 'Puts the timestamp of a record into the name of its topic.',
  config: configDef({
    'topic.format': string({
      importance: 'high',
      default: '${topic}-${timestamp}',
      doc: 'The new name; ${topic} is the old one, ${timestamp} the time.',
    }),
    'timestamp.format': string({
      importance: 'high',
      default: 'yyyyMMdd',
      doc: "How the time is written, in the pattern letters of Java's SimpleDateFormat, in UTC.",
    }),
  }),
  create({ 'topic.format': topicFormat, 'timestamp.format': timestampFormat }) {
    // Kafka Connect looks at the pattern when the first record comes.
    let format: SimpleDateFormat | undefined
    const betweenTopics = topicFormat.split('${topic}')
    return {
      isUniform: true,
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
