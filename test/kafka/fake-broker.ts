import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { readBatchHeader, RecordReader, batchHeaderBytes } from '../../src/protocol/record-batch.ts'
import { WireReader } from '../../src/protocol/wire-reader.ts'
import { WireWriter } from '../../src/protocol/wire-writer.ts'

export interface ProducedBatch {
  readonly topic: string
  readonly partition: number
  readonly values: readonly string[]
  readonly producerId: number
  readonly baseSequence: number
}

/** What to do with a produce request: an error code per batch (0: fine), or break the connection, or keep silent. */
export type ProduceAnswer = (batch: ProducedBatch, request: number) => number | 'disconnect' | 'silence'

/** Speaks just enough of Kafka's protocol for a producer, by a script. One broker leads all partitions. */
export class FakeBroker {
  readonly requests: ProducedBatch[][] = []
  /** The values of the batches that were accepted, by partition. */
  readonly accepted = new Map<string, string[]>()
  partitions = 1
  answer: ProduceAnswer = () => 0
  metadataRequests = 0
  mostInFlight = 0
  delayMs = 0
  #inFlight = 0
  #producerIds = 100
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  static async open(): Promise<FakeBroker> {
    const broker = new FakeBroker()
    await new Promise<void>((resolve) => broker.#server.listen(0, '127.0.0.1', resolve))
    return broker
  }

  private constructor() {
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
    reader.int16() // version: we offer one of each
    const correlationId = reader.int32()
    reader.nullableString()
    const send = (body: WireWriter) => {
      const frame = new WireWriter()
        .int32(body.length + 4)
        .int32(correlationId)
        .raw(body.view())
      socket.write(Buffer.from(frame.view()))
    }
    if (key === 18) send(apiVersions())
    else if (key === 3) send(this.#metadata(reader))
    else if (key === 22) send(new WireWriter().int32(0).int16(0).int64(++this.#producerIds).int16(0))
    else if (key === 0) this.#produce(socket, reader, send)
    else throw new Error(`The fake broker does not know API ${key}.`)
  }

  #metadata(reader: WireReader): WireWriter {
    this.metadataRequests++
    const topics = reader.array((r) => r.string())
    const body = new WireWriter().int32(0)
    const [host, port] = this.address.split(':') as [string, string]
    body.array([1], (w) => w.int32(1).string(host).int32(Number(port)).nullableString(null))
    body.nullableString('fake').int32(1)
    return body.array(topics, (w, topic) => {
      w.int16(0).string(topic).boolean(false)
      w.array([...Array(this.partitions).keys()], (p, partition) => {
        p.int16(0).int32(partition).int32(1).int32(0) // led by broker 1, epoch 0
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
    const accept = () => {
      batches.forEach(({ topic, partition, values }, i) => {
        if (answers[i] !== 0) return
        const key = `${topic}-${partition}`
        this.accepted.set(key, [...(this.accepted.get(key) ?? []), ...values])
      })
    }
    setTimeout(() => {
      this.#inFlight--
      if (answers.includes('disconnect')) socket.destroy()
      if (answers.includes('disconnect') || answers.includes('silence')) return
      accept()
      const body = new WireWriter().array(batches, (w, { topic, partition }) => {
        const error = answers[batches.findIndex((b) => b.partition === partition)] as number
        w.string(topic).array([error], (p) => p.int32(partition).int16(error).int64(0).int64(-1).int64(0))
      })
      send(body.int32(0))
    }, this.delayMs)
  }
}

function apiVersions(): WireWriter {
  const offered = [
    [0, 7],
    [3, 7],
    [18, 0],
    [22, 1],
  ] as const
  return new WireWriter()
    .int16(0)
    .array(offered, (w, [key, version]) => w.int16(key).int16(version).int16(version))
}

function readBatch(topic: string, partition: number, bytes: Buffer): ProducedBatch {
  const header = readBatchHeader(bytes, 0)!
  const reader = new RecordReader(header, bytes, batchHeaderBytes, bytes.length)
  const values: string[] = []
  while (reader.next()) values.push(String(reader.value))
  return { topic, partition, values, producerId: header.producerId, baseSequence: header.baseSequence }
}
