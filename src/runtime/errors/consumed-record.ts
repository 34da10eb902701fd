import { type RecordChanges, SinkRecord, type SinkRecordFields } from '../../api/record.ts'
import type { ConsumerRecord } from '../../kafka/client.ts'

/** A record for a sink that, with all copies made of it, remembers the bytes it was made of. */
export class ConsumedSinkRecord extends SinkRecord {
  // Private: who prints the record or writes it as JSON does not mean these.
  readonly #consumed: ConsumerRecord

  constructor(fields: SinkRecordFields, consumed: ConsumerRecord) {
    super(fields, consumed)
    this.#consumed = consumed
  }

  get consumed(): ConsumerRecord {
    return this.#consumed
  }

  override with(changes: RecordChanges): this {
    const fields = {
      topic: changes.topic ?? this.topic,
      partition: changes.partition === undefined ? this.partition : changes.partition,
      key: changes.key ?? this.key,
      value: changes.value ?? this.value,
      timestamp: changes.timestamp === undefined ? this.timestamp : changes.timestamp,
      headers: changes.headers ?? this.headers,
      offset: this.offset,
      timestampType: this.timestampType,
    }
    return new ConsumedSinkRecord(fields as SinkRecordFields, this.#consumed) as this
  }
}

export function describeConsumed(record: ConsumerRecord): string {
  const { topic, partition, offset, timestamp, timestampType } = record
  const time =
    timestampType === 'NoTimestampType' ? '' : `, timestamp=${timestamp}, timestampType=${timestampType}`
  return `consumed record is {topic='${topic}', partition=${partition}, offset=${offset}${time}}`
}
