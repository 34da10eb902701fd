import { Schema } from '../data/schema.ts'
import type { Texts } from '../util/texts.ts'
import { type OffsetMap, SourceRecord } from './record.ts'

export interface TextRunFields {
  readonly topic: string
  readonly timestamp: number | null
  readonly sourcePartition: OffsetMap | null
  readonly texts: Texts
  /** Where to go on behind record i. */
  readonly sourceOffset: (i: number) => OffsetMap | null
}

/**
 * Source records that differ in their value, a text, and their offset only, such as the lines of a file. Where the
 * transforms and converters of a connector are uniform, the texts go as bytes from the source to the topic, and no
 * record is made of them. Valid until the next poll: the source may use the memory again.
 */
export class TextRun implements Iterable<SourceRecord> {
  readonly topic: string
  readonly timestamp: number | null
  readonly sourcePartition: OffsetMap | null
  readonly texts: Texts
  readonly sourceOffset: (i: number) => OffsetMap | null

  constructor(fields: TextRunFields) {
    this.topic = fields.topic
    this.timestamp = fields.timestamp
    this.sourcePartition = fields.sourcePartition
    this.texts = fields.texts
    this.sourceOffset = fields.sourceOffset
  }

  get length(): number {
    return this.texts.length
  }

  /** The record that the run stands for with this text in it. */
  recordOf(text: string, sourceOffset: OffsetMap | null): SourceRecord {
    const { topic, timestamp, sourcePartition } = this
    const value = { schema: Schema.STRING, value: text }
    return new SourceRecord({ topic, timestamp, sourcePartition, sourceOffset, value })
  }

  *[Symbol.iterator](): Iterator<SourceRecord> {
    const { bytes, starts, ends, length } = this.texts
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    for (let i = 0; i < length; i++) {
      yield this.recordOf(buffer.toString('utf8', starts[i], ends[i]), this.sourceOffset(i))
    }
  }
}
