import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { batchHeaderBytes, codecIds, readBatchHeader, RecordReader } from '../../src/protocol/record-batch.ts'
import { ApiError } from '../../src/broker/error-codes.ts'
import { addSequence, ProducerState } from '../../src/broker/log/producer-state.ts'
import { WireReader } from '../../src/protocol/wire-reader.ts'
import { WireWriter } from '../../src/protocol/wire-writer.ts'

export interface ProducedBatch {
  readonly topic: string
  readonly partition: number
  readonly values: readonly string[]
  readonly producerId: number
  readonly epoch: number
  readonly baseSequence: number
  readonly isTransactional: boolean
}

/**
 * What to do with a batch: an error code (0: fine), or break the connection, before or behind the writing, or
 * keep silent, or write it and answer that replicas were too slow.
 */
export type ProduceAnswer = (
  batch: ProducedBatch,
  request: number,
) => number | 'disconnect' | 'written, disconnect' | 'silence' | 'written, timed out'

/**
 * Speaks just enough of Kafka's protocol for a producer, by a script. One broker leads all partitions; it counts
 * the batches of idempotent producers as Kafka does.
 */
export class FakeBroker {
  readonly requests: ProducedBatch[][] = []
  /** The values of the batches that were accepted, by partition. */
  readonly accepted: Map<string, string[]>
  /** Another broker of the cluster, with the same log. */
  replica: FakeBroker | null = null
  isLeader = true
  partitions = 1
  answer: ProduceAnswer = () => 0
  metadataRequests = 0
  mostInFlight = 0
  delayMs = 0
  /** The version of each API. */
  readonly offered = new Map([
    [0, 7],
    [3, 7],
    [10, 1],
    [18, 0],
    [22, 4],
    [24, 3],
    [26, 3],
  ])
  /** What producer ids and transactions were asked for, in order. */
  readonly calls: string[] = []
  /** The next answers of an API that is not Produce: error codes; none: fine. */
  readonly failures = new Map<number, number[]>()
  readonly #producers: Map<string, ProducerState>
  readonly #epochs = new Map<string, { id: number; epoch: number }>()
  #inFlight = 0
  #producerIds = 100
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  static async open(original: FakeBroker | null = null): Promise<FakeBroker> {
    const broker = new FakeBroker(original)
    await new Promise<void>((resolve) => broker.#server.listen(0, '127.0.0.1', resolve))
    return broker
  }

  private constructor(original: FakeBroker | null) {
    this.accepted = original?.accepted ?? new Map()
    this.#producers = original === null ? new Map() : original.#producers
    this.#server = createServer((socket) => {
      this.#sockets.add(socket)
      let buffered: Buffer = Buffer.alloc(0)
      socket.on('error', () => {})
      socket.on('close', () => this.#sockets.delete(socket))
      socket.on('data', (bytes: Buffer) => {
        buffered = Buffer.concat([buffered, bytes])
        while (buffered.length >= 4 && buffered.length >= 4 + buffered.readInt32BE(0)) {
          const frame = buffered.subarray(4, 4 + buffered.readInt32BE(0))
          buffered = buffered.subarray(4 + frame.length)
          this.#handle(socket, new WireReader(frame))
        }
      })
    })
  }

  get id(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #handle(socket: Socket, reader: WireReader): void {
    const key = reader.int16()
    const version = reader.int16()
    const correlationId = reader.int32()
    reader.nullableString()
    reader.flexible = version >= (flexibleFrom[key] ?? Infinity)
    reader.tags()
    const { flexible } = reader
    const send = (body: WireWriter) => {
      const head = new WireWriter({ flexible }).int32(correlationId).tags()
      const frame = new WireWriter().int32(head.length + body.length)
      socket.write(Buffer.from(frame.raw(head.view()).raw(body.view()).view()))
    }
    const body = new WireWriter({ flexible })
    const error = () => this.failures.get(key)?.shift() ?? 0
    if (key === 18) send(this.#apiVersions())
    else if (key === 3) send(this.#metadata(reader))
    else if (key === 0) this.#produce(socket, reader, send)
    else if (key === 10) send(this.#coordinator(reader, error()))
    else if (key === 22) send(this.#initProducerId(reader, body, error()))
    else if (key === 24) send(this.#addPartitions(reader, body, error()))
    else if (key === 26) send(this.#endTransaction(reader, body, error()))
    else throw new Error(`The fake broker does not know API ${key}.`)
  }

  #apiVersions(): WireWriter {
    return new WireWriter()
      .int16(0)
      .array([...this.offered], (w, [key, version]) => w.int16(key).int16(version).int16(version))
  }

  #coordinator(reader: WireReader, error: number): WireWriter {
    this.calls.push(`find ${reader.string()}${error === 0 ? '' : ` ${error}`}`)
    const [host, port] = this.address.split(':') as [string, string]
    return new WireWriter()
      .int32(0)
      .int16(error)
      .nullableString(null)
      .int32(1)
      .string(host)
      .int32(Number(port))
  }

  #initProducerId(reader: WireReader, body: WireWriter, error: number): WireWriter {
    const name = reader.nullableString()
    reader.int32()
    const previous = `${reader.int64()}/${reader.int16()}`
    this.calls.push(`init ${name ?? '-'} ${previous}${error === 0 ? '' : ` ${error}`}`)
    if (error !== 0) return body.int32(0).int16(error).int64(-1).int16(-1).tags()
    const known = name === null ? undefined : this.#epochs.get(name)
    const given =
      known === undefined ? { id: ++this.#producerIds, epoch: 0 } : { id: known.id, epoch: known.epoch + 1 }
    if (name !== null) this.#epochs.set(name, given)
    return body.int32(0).int16(0).int64(given.id).int16(given.epoch).tags()
  }

  #addPartitions(reader: WireReader, body: WireWriter, error: number): WireWriter {
    reader.string()
    reader.int64()
    reader.int16()
    const topics = reader.array((r) => {
      const topic = { name: r.string(), partitions: r.array((p) => p.int32()) }
      r.tags()
      return topic
    })
    const added = topics.map(({ name, partitions }) => `${name} ${partitions.join(' ')}`).join(', ')
    this.calls.push(`add ${added}${error === 0 ? '' : ` ${error}`}`)
    body.int32(0).array(topics, (w, { name, partitions }) => {
      w.string(name)
        .array(partitions, (p, partition) => p.int32(partition).int16(error).tags())
        .tags()
    })
    return body.tags()
  }

  #endTransaction(reader: WireReader, body: WireWriter, error: number): WireWriter {
    reader.string()
    reader.int64()
    reader.int16()
    this.calls.push(`${reader.boolean() ? 'commit' : 'abort'}${error === 0 ? '' : ` ${error}`}`)
    return body.int32(0).int16(error).tags()
  }

  #metadata(reader: WireReader): WireWriter {
    this.metadataRequests++
    const topics = reader.array((r) => r.string())
    const body = new WireWriter().int32(0)
    const brokers = this.replica === null ? [this] : [this, this.replica]
    body.array(brokers, (w, { id, address }) => {
      const [host, port] = address.split(':') as [string, string]
      w.int32(id).string(host).int32(Number(port)).nullableString(null)
    })
    body.nullableString('fake').int32(this.id)
    const leader = brokers.find(({ isLeader }) => isLeader)!
    return body.array(topics, (w, topic) => {
      w.int16(0).string(topic).boolean(false)
      w.array([...Array(this.partitions).keys()], (p, partition) => {
        p.int16(0).int32(partition).int32(leader.id).int32(0) // epoch 0
        p.int32(0).int32(0).int32(0) // no lists of replicas
      })
    })
  }

  #produce(socket: Socket, reader: WireReader, send: (body: WireWriter) => void): void {
    reader.nullableString()
    reader.int16()
    reader.int32()
    const batches = reader
      .array((r) => {
        const topic = r.string()
        return r.array((p) => readBatch(topic, p.int32(), p.bytes()))
      })
      .flat()
    const request = this.requests.push(batches) - 1
    const answers = batches.map((batch) => this.answer(batch, request))
    this.mostInFlight = Math.max(this.mostInFlight, ++this.#inFlight)
    setTimeout(() => {
      this.#inFlight--
      const codes = batches.map((batch, i) => this.#accept(batch, answers[i]!))
      if (answers.some((answer) => String(answer).endsWith('disconnect'))) socket.destroy()
      if (socket.destroyed || answers.includes('silence')) return
      const body = new WireWriter().array(batches, (w, { topic, partition }) => {
        const error = codes[batches.findIndex((b) => b.partition === partition)]!
        w.string(topic).array([error], (p) => p.int32(partition).int16(error).int64(0).int64(-1).int64(0))
      })
      send(body.int32(0))
    }, this.delayMs)
  }

  /** Writes the batch where the script and its number let it pass. */
  #accept(batch: ProducedBatch, answer: ReturnType<ProduceAnswer>): number {
    const isWritten = answer === 0 || String(answer).startsWith('written')
    if (!isWritten) return typeof answer === 'number' ? answer : 0
    if (!this.isLeader) return 6
    const key = `${batch.topic}-${batch.partition}`
    try {
      if (this.#count(key, batch)) {
        this.accepted.set(key, [...(this.accepted.get(key) ?? []), ...batch.values])
      }
    } catch (error) {
      if (error instanceof ApiError) return error.code
      throw error
    }
    return answer === 'written, timed out' ? 7 : 0
  }

  /** False where the batch was written before. */
  #count(key: string, { producerId, epoch, baseSequence, values }: ProducedBatch): boolean {
    if (producerId < 0) return true
    const state = this.#producers.get(key) ?? new ProducerState()
    this.#producers.set(key, state)
    const lastSequence = addSequence(baseSequence, values.length - 1)
    if (state.check(producerId, epoch, baseSequence, lastSequence) !== null) return false
    const stored = { firstSequence: baseSequence, lastSequence, baseOffset: 0, logAppendTime: -1 }
    state.add(producerId, epoch, stored, Date.now())
    return true
  }

  /** As after the deletion of all its records. */
  forgetProducers(): void {
    this.#producers.clear()
  }
}

const flexibleFrom: Partial<Record<number, number>> = { 22: 2, 24: 3, 26: 3 }

function readBatch(topic: string, partition: number, bytes: Buffer): ProducedBatch {
  const header = readBatchHeader(bytes, 0)!
  const records = bytes.subarray(batchHeaderBytes)
  const reader = new RecordReader(header, header.codec === codecIds.gzip ? gunzipSync(records) : records)
  const values: string[] = []
  while (reader.next()) values.push(String(reader.value))
  const { producerId, producerEpoch: epoch, baseSequence, isTransactional } = header
  return { topic, partition, values, producerId, epoch, baseSequence, isTransactional }
}
