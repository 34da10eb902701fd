import { codecIds } from '../protocol/record-batch.ts'
import { compress } from '../protocol/codecs.ts'
import { WireReader } from '../protocol/wire-reader.ts'
import { produceApi, produceParts, readProduceResponse } from './apis/produce.ts'
import type { ProduceResult } from './apis/produce.ts'
import type { BrokerConnection } from './connection.ts'
import type { PartitionQueue } from './partition-queue.ts'
import { batchOptions } from './producer-batch.ts'
import type { ProducerBatch } from './producer-batch.ts'
import type { ProducerSettings } from './producer-settings.ts'

/** A batch under way. */
export interface Sending {
  readonly queue: PartitionQueue
  readonly batch: ProducerBatch
}

/** The produce requests to one broker. They leave in the order in which they were given, compressed or not. */
export class BrokerLane {
  inFlight = 0
  isConnecting = false
  readonly #connection: BrokerConnection
  readonly #settings: ProducerSettings
  #waitingWrites = 0
  #lastWrite: Promise<unknown> = Promise.resolve()

  constructor(connection: BrokerConnection, settings: ProducerSettings) {
    this.#connection = connection
    this.#settings = settings
  }

  /** What the broker made of each batch. Throws where there is no answer. */
  async produce(sendings: readonly Sending[]): Promise<readonly ProduceResult[]> {
    this.inFlight++
    try {
      const bodies = sendings.map(({ queue, batch }) => this.#close(queue, batch))
      const isReady = this.#waitingWrites === 0 && !bodies.some((body) => body instanceof Promise)
      return await (isReady ? this.#write(sendings, bodies as Buffer[]) : this.#writeInTurn(sendings, bodies))
    } finally {
      this.inFlight--
    }
  }

  /** Waits for the bodies and for the requests before, not for the answers to those. */
  async #writeInTurn(
    sendings: readonly Sending[],
    closing: readonly (Buffer | Promise<Buffer>)[],
  ): Promise<readonly ProduceResult[]> {
    this.#waitingWrites++
    const bodies = Promise.all(closing.map(async (body) => body))
    const written = Promise.allSettled([this.#lastWrite, bodies]).then(async () => {
      this.#waitingWrites--
      return { answer: this.#write(sendings, await bodies) }
    })
    // Whether it succeeds is the business of this request; the next one only waits for its end.
    this.#lastWrite = written.catch(() => {})
    return (await written).answer
  }

  async #write(sendings: readonly Sending[], bodies: readonly Buffer[]): Promise<readonly ProduceResult[]> {
    const { acks, connection: settings, transactionalId } = this.#settings
    const entries = sendings.map(({ queue: { topic, partition } }, i) => ({
      topic,
      partition,
      batch: bodies[i]!,
    }))
    const version = this.#connection.version(produceApi)
    const parts = produceParts(entries, { transactionalId, acks, timeoutMs: settings.requestTimeoutMs })
    const payload = await this.#connection.sendParts(produceApi, version, parts, {
      expectResponse: acks !== 0,
    })
    if (payload !== null) return readProduceResponse(new WireReader(payload), version)
    const accepted = { error: 0, baseOffset: -1, logAppendTime: -1, errorMessage: null }
    return entries.map(({ topic, partition }) => ({ topic, partition, ...accepted }))
  }

  #close({ identity }: PartitionQueue, batch: ProducerBatch): Buffer | Promise<Buffer> {
    const { codec, codecLevel, transactionalId } = this.#settings
    const { builder, sequence } = batch
    if (codec === 'none') return batch.close(identity, sequence, transactionalId !== null)
    const options = { ...batchOptions(identity, sequence, transactionalId !== null), codec: codecIds[codec] }
    const compressed = compress(codec, builder.records(), codecLevel)
    return compressed instanceof Promise
      ? compressed.then((bytes) => builder.close(options, bytes))
      : builder.close(options, compressed)
  }
}
