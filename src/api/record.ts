import { Headers } from '../data/headers.ts'
import { javaText } from '../data/java-text.ts'
import { nothing, type SchemaAndValue } from '../data/schema-and-value.ts'

export type TimestampType = 'NoTimestampType' | 'CreateTime' | 'LogAppendTime'

/** A source partition or offset: names to primitive values, as they go into the offset store. */
export type OffsetMap = Readonly<Record<string, unknown>>

/** What a transform may change. */
export interface RecordChanges {
  readonly topic?: string
  readonly partition?: number | null
  readonly key?: SchemaAndValue
  readonly value?: SchemaAndValue
  readonly timestamp?: number | null
  readonly headers?: Headers
}

/**
 * What source and sink records have in common. Immutable: `with` gives a changed copy that remembers where
 * the record came from.
 */
export abstract class ConnectRecord {
  readonly topic: string
  /** The partition of the topic; null: the producer chooses. */
  readonly partition: number | null
  readonly key: SchemaAndValue
  readonly value: SchemaAndValue
  /** Milliseconds since the epoch. */
  readonly timestamp: number | null
  readonly headers: Headers

  constructor(fields: RecordFields) {
    this.topic = fields.topic
    this.partition = fields.partition ?? null
    this.key = fields.key ?? nothing
    this.value = fields.value ?? nothing
    this.timestamp = fields.timestamp ?? null
    this.headers = fields.headers ?? Headers.empty
  }

  abstract with(changes: RecordChanges): this
  abstract toString(): string

  protected describe(): string {
    const { topic, partition, key, value, timestamp, headers } = this
    return (
      `ConnectRecord{topic='${topic}', kafkaPartition=${partition}, key=${javaText(key.value, key.schema)}, ` +
      `keySchema=${String(key.schema)}, value=${javaText(value.value, value.schema)}, ` +
      `valueSchema=${String(value.schema)}, timestamp=${timestamp}, headers=${String(headers)}}`
    )
  }
}

export interface RecordFields extends RecordChanges {
  readonly topic: string
}

export interface SourceRecordFields extends RecordFields {
  /** Which part of the source: the key under which the offset is kept. */
  readonly sourcePartition: OffsetMap | null
  /** Where to go on after this record. */
  readonly sourceOffset: OffsetMap | null
}

/** A record on its way from a source to a topic. */
export class SourceRecord extends ConnectRecord {
  readonly sourcePartition: OffsetMap | null
  readonly sourceOffset: OffsetMap | null

  constructor(fields: SourceRecordFields) {
    super(fields)
    this.sourcePartition = fields.sourcePartition
    this.sourceOffset = fields.sourceOffset
  }

  override with(changes: RecordChanges): this {
    return new SourceRecord({
      topic: changes.topic ?? this.topic,
      partition: changes.partition === undefined ? this.partition : changes.partition,
      key: changes.key ?? this.key,
      value: changes.value ?? this.value,
      timestamp: changes.timestamp === undefined ? this.timestamp : changes.timestamp,
      headers: changes.headers ?? this.headers,
      sourcePartition: this.sourcePartition,
      sourceOffset: this.sourceOffset,
    }) as this
  }

  override toString(): string {
    const { sourcePartition, sourceOffset } = this
    return (
      `SourceRecord{sourcePartition=${javaText(sourcePartition)}, sourceOffset=${javaText(sourceOffset)}} ` +
      this.describe()
    )
  }
}

export interface SinkRecordFields extends RecordFields {
  readonly partition: number
  readonly offset: number
  readonly timestampType?: TimestampType
}

/** A record on its way from a topic to a sink. The `original` coordinates survive every transform. */
export class SinkRecord extends ConnectRecord {
  readonly offset: number
  readonly timestampType: TimestampType
  readonly originalTopic: string
  readonly originalPartition: number

  constructor(fields: SinkRecordFields, original?: { readonly topic: string; readonly partition: number }) {
    super(fields)
    this.offset = fields.offset
    this.timestampType = fields.timestampType ?? 'NoTimestampType'
    this.originalTopic = original?.topic ?? fields.topic
    this.originalPartition = original?.partition ?? fields.partition
  }

  /** Nothing may change the offset: the same as `offset`. */
  get originalOffset(): number {
    return this.offset
  }

  override with(changes: RecordChanges): this {
    const original = { topic: this.originalTopic, partition: this.originalPartition }
    return new SinkRecord(this.fieldsWith(changes), original) as this
  }

  /** What a changed copy is made of. */
  protected fieldsWith(changes: RecordChanges): SinkRecordFields {
    // A literal: copying by spread costs more than a whole transform.
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
    return fields as SinkRecordFields
  }

  override toString(): string {
    return `SinkRecord{kafkaOffset=${this.offset}, timestampType=${this.timestampType}} ${this.describe()}`
  }
}
