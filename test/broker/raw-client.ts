import { connect, type Socket } from 'node:net'
import { WireReader } from '../../src/protocol/wire-reader.ts'
import { WireWriter } from '../../src/protocol/wire-writer.ts'

export interface RawRequest {
  key: number
  version: number
  /** Whether header and body have compact lengths and tags. */
  flexible?: boolean
  write?: (writer: WireWriter) => void
}

/** A client that sends exactly the bytes that it is told to and shows those that come back. */
export class RawClient {
  readonly socket: Socket
  readonly #waiting: { resolve(frame: Buffer): void; reject(error: Error): void }[] = []
  readonly #frames: Buffer[] = []
  #bytes: Buffer = Buffer.alloc(0)
  #correlationId = 0
  isClosed = false

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk])
      this.#cut()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.isClosed = true
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('The broker closed the connection.'))
    })
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return new RawClient(socket)
  }

  /** Sends one request and gives its answer behind the header. */
  async call(request: RawRequest): Promise<WireReader> {
    const correlationId = this.send(request)
    const reader = new WireReader(await this.next())
    const answered = reader.int32()
    if (answered !== correlationId) throw new Error(`Answer ${answered} came instead of ${correlationId}.`)
    reader.flexible = request.flexible === true
    if (request.key !== 18) reader.tags()
    return reader
  }

  send(request: RawRequest): number {
    const correlationId = ++this.#correlationId
    this.socket.write(frameOf(request, correlationId))
    return correlationId
  }

  /** The next frame, without its length. */
  next(): Promise<Buffer> {
    const ready = this.#frames.shift()
    if (ready !== undefined) return Promise.resolve(ready)
    if (this.isClosed) return Promise.reject(new Error('The broker closed the connection.'))
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  async closed(): Promise<void> {
    if (!this.isClosed) await new Promise<void>((resolve) => this.socket.once('close', () => resolve()))
  }

  close(): void {
    this.socket.destroy()
  }

  #cut(): void {
    while (this.#bytes.length >= 4 && this.#bytes.length >= 4 + this.#bytes.readInt32BE(0)) {
      const size = this.#bytes.readInt32BE(0)
      const frame = this.#bytes.subarray(4, 4 + size)
      this.#bytes = this.#bytes.subarray(4 + size)
      const waiting = this.#waiting.shift()
      if (waiting === undefined) this.#frames.push(frame)
      else waiting.resolve(frame)
    }
  }
}

export function frameOf(
  { key, version, flexible = false, write }: RawRequest,
  correlationId: number,
): Buffer {
  const writer = new WireWriter()
  writer.int32(0).int16(key).int16(version).int32(correlationId).nullableString('raw')
  writer.flexible = flexible
  writer.tags()
  write?.(writer)
  const frame = Buffer.from(writer.view())
  frame.writeInt32BE(frame.length - 4, 0)
  return frame
}
