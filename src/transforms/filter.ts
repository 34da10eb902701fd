/**
 * Filter drops every record it sees: those that its predicate lets through to it. With `condition`, a setting that Kafka
 * does not have, it drops those of them for which the condition holds.
 *
 * Otherwise the same as org.apache.kafka.connect.transforms.Filter.
 */
import { defineTransform, string } from '../index.ts'
import { compileCondition } from './filter-condition.ts'
import { withOwnSettings } from './own-settings.ts'

export const filter = defineTransform({
  name: 'org.apache.kafka.connect.transforms.Filter',
  doc: 'Drops every record that its predicate lets through to it, or of those the ones for which a condition holds.',
  config: withOwnSettings(
    {},
    {
      condition: string({
        importance: 'medium',
        default: null,
        doc: 'Drop only the records for which this expression holds, in the Common Expression Language over key, value, headers, topic, partition and timestamp, such as value.amount == null or value.status in ["failed", "late"] && topic.startsWith("orders"). A missing field is null; has(value.amount) tells the two apart. Whole numbers are ints, other numbers and decimals with a fraction doubles, dates and timestamps in data CEL timestamps; the timestamp of the record is an int, milliseconds since the epoch. A record on which the expression fails, such as null > 3, is a data error.',
      }),
    },
  ),
  create({ condition }) {
    if (condition === null) return { apply: () => null }
    const holds = compileCondition(condition)
    return { apply: (record) => (holds(record) ? null : record) }
  },
})
