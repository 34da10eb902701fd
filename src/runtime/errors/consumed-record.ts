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
    return new ConsumedSinkRecord(this.fieldsWith(changes), this.#consumed) as this
  }
}

export function describeConsumed(record: ConsumerRecord): string {
  const { topic, partition, offset, timestamp, timestampType } = record
  const time =
    timestampType === 'NoTimestampType' ? '' : `, timestamp=${timestamp}, timestampType=${timestampType}`
  return `consumed record is {topic='${topic}', partition=${partition}, offset=${offset}${time}}`
}
