import { PassThrough, Readable, Writable } from 'node:stream'
import type { CommandIo } from '../../src/cli/kafka/io.ts'
import { Output } from '../../src/cli/kafka/output.ts'

/** What a command reads and writes, in memory. */
export class MemoryIo implements CommandIo {
  readonly stdin: Readable
  readonly stdout: Output
  readonly messages: string[] = []
  readonly #stop = new AbortController()
  #chunks: Buffer[] = []
  #code: number | null = null
  readonly stop = { stopping: this.#stop.signal, code: () => this.#code }

  constructor({ stdin = '' as string | Buffer | Readable, write = async () => {}, isTerminal = false } = {}) {
    this.stdin = stdin instanceof Readable ? stdin : new PassThrough().end(stdin)
    const stream = new Writable({
      write: (chunk: Buffer, _, done) => {
        write().then(() => {
          this.#chunks.push(chunk)
          done()
        }, done)
      },
    })
    this.stdout = new Output(stream, { isTerminal })
  }

  say(message: string): void {
    this.messages.push(message)
  }

  /** As Ctrl-C. */
  interrupt(): void {
    this.#code = 130
    this.#stop.abort()
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  get lines(): string[] {
    return this.bytes.toString().split('\n').slice(0, -1)
  }
}
