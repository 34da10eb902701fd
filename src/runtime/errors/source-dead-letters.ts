import type { Converter } from '../../api/converter.ts'
import type { SourceRecord } from '../../api/record.ts'
import { javaText } from '../../data/java-text.ts'
import type { SchemaAndValue } from '../../data/schema-and-value.ts'
import { toError } from '../../errors.ts'
import type { ProducerRecord, RawHeader } from '../../kafka/client.ts'
import { SerialQueue } from '../../util/serial-queue.ts'
import type { Converters, NamedConverter } from '../converters.ts'
import { offsetJson } from '../offsets/offset-json.ts'
import type { TaskId } from '../task-id.ts'
import { contextHeaders } from './context-headers.ts'
import type { DeadLetterQueue } from './dead-letter-queue.ts'
import type { Failure } from './failure.ts'
import type { ErrorReporter } from './reporters.ts'

export interface SourceDeadLettersDeps {
  readonly id: TaskId
  readonly queue: DeadLetterQueue
  readonly hasContext: boolean
  readonly converters: Converters
  /** Writes what the task's own converters cannot: JSON without schemas. */
  readonly json: Converter
}

/**
 * Writes failed records of a source, as they were polled, to the dead letter topic. Kafka Connect has dead letters for
 * sinks only. There are no original bytes: each part is written by the task's converter for it, else as JSON, else as
 * text.
 */
export class SourceDeadLetters implements ErrorReporter<SourceRecord> {
  readonly #deps: SourceDeadLettersDeps
  /** Converters may answer later; letters keep their order. */
  readonly #order = new SerialQueue()
  #unsent = 0
  #lastSent: Promise<unknown> = Promise.resolve()

  constructor(deps: SourceDeadLettersDeps) {
    this.#deps = deps
  }

  async report(failure: Failure<SourceRecord>): Promise<Error | null> {
    const { queue } = this.#deps
    this.#unsent++
    // In an object, so that the next letter waits for the sending only, not for the acknowledgement.
    const sent = this.#order.run(async () => ({ safe: queue.send(await this.#letter(failure)) }))
    this.#lastSent = sent.catch(() => {})
    try {
      return await (
        await sent.finally(() => this.#unsent--)
      ).safe
    } catch (error) {
      queue.lost()
      return toError(error)
    }
  }

  room(): Promise<void> | null {
    const { queue } = this.#deps
    if (this.#unsent === 0) return queue.room()
    return this.#lastSent.then(() => queue.room() ?? undefined)
  }

  async close(): Promise<void> {
    await this.#lastSent
    await this.#deps.queue.close()
  }

  async #letter(failure: Failure<SourceRecord>): Promise<Omit<ProducerRecord, 'topic' | 'partition'>> {
    const { id, hasContext, converters } = this.#deps
    const { topic, key, value, headers, timestamp, sourcePartition, sourceOffset } = failure.record
    const raw: RawHeader[] = []
    for (const header of headers) raw.push([header.key, await this.#bytes(converters.header, header)])
    const origin = {
      'topic': topic,
      'source.partition': offsetJson(sourcePartition),
      'source.offset': offsetJson(sourceOffset),
    }
    return {
      key: await this.#bytes(converters.key, key),
      value: await this.#bytes(converters.value, value),
      headers: hasContext ? [...raw, ...contextHeaders(failure, id, origin)] : raw,
      timestamp: timestamp === null || timestamp < 0 ? null : timestamp,
    }
  }

  async #bytes({ converter }: NamedConverter, data: SchemaAndValue): Promise<Buffer | null> {
    // By the topic that is written to: a schema registry keeps the schemas of different topics apart.
    const { topic } = this.#deps.queue
    for (const each of [converter, this.#deps.json]) {
      try {
        return await each.fromConnectData(topic, data)
      } catch {
        // What is wrong with the record is being reported already.
      }
    }
    return Buffer.from(javaText(data.value, data.schema))
  }
}
