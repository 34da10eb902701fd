import { createReadStream } from 'node:fs'
import { addAbortSignal, type Readable } from 'node:stream'
import { toError } from '../../errors.ts'
import type { ClientSettings, Producer } from '../../kafka/client.ts'
import type { CommandIo } from '../kafka/io.ts'
import { linesOf } from '../kafka/lines.ts'
import { type LineOptions, partitionOf, type RecordOfLine, recordsOfLines } from '../kafka/line-record.ts'
import { checkPartition, type ClientOptions, inSession, type Session } from '../kafka/session.ts'
import { isWrongFile } from '../kafka/usage-error.ts'

export type ProduceOptions = ClientOptions & LineOptions

/** Writes the lines of standard input, or of files, as records. Returns the exit code: 1 where one was not written. */
export async function produce(
  files: readonly string[],
  options: ProduceOptions,
  io: CommandIo,
): Promise<number> {
  return inSession('produce', options, io, () => {
    const recordOf = recordsOfLines(options)
    return async (session) => {
      await checkPartitionOption(session, options)
      const production = new Production(session, recordOf, io)
      return production.run(files.length === 0 ? ['-'] : files)
    }
  })
}

/** The producer would wait for a partition that may come; here it is a slip. */
async function checkPartitionOption({ admin }: Session, { topic, partition }: LineOptions): Promise<void> {
  if (topic === undefined || partition === undefined) return
  const count = (await admin.describeTopics([topic])).get(topic)
  if (count !== undefined) checkPartition(topic, count, partitionOf(partition))
}

class Production {
  readonly #producer: Producer
  readonly #maxLineBytes: number
  readonly #recordOf: RecordOfLine
  readonly #io: CommandIo
  /** Nothing more is read: a signal has come, or a record was not written. */
  readonly #ending = new AbortController()
  #written = 0
  #failed = 0
  #problem: string | null = null

  constructor({ clients, producer, log }: Session, recordOf: RecordOfLine, io: CommandIo) {
    this.#recordOf = recordOf
    this.#maxLineBytes = maxLineBytes(producer)
    this.#io = io
    const listener = {
      acknowledged: (places: readonly unknown[]) => void (this.#written += places.length),
      failed: (places: readonly unknown[], error: Error) => {
        this.#failed += places.length
        this.#give(`${String(places[0])}: ${error.message}`)
      },
    }
    this.#producer = clients.producer(producer, listener, log)
    io.stop.stopping.addEventListener('abort', () => this.#ending.abort())
  }

  async run(files: readonly string[]): Promise<number> {
    try {
      for (const file of files) await this.#send(file)
    } finally {
      await this.#producer.flush()
      await this.#producer.close(5000)
    }
    if (this.#problem === null) return this.#io.stop.code() ?? 0
    const lost = this.#failed === 0 ? '' : `, ${this.#failed} could not be written`
    this.#io.say(`${this.#problem}\n${this.#written} records were written${lost}.`)
    return 1
  }

  async #send(file: string): Promise<void> {
    const { signal } = this.#ending
    if (signal.aborted) return
    const [input, name]: [Readable, string] =
      file === '-' ? [this.#io.stdin, 'standard input'] : [createReadStream(file), file]
    let number = 0
    try {
      for await (const lines of linesOf(addAbortSignal(signal, input), this.#maxLineBytes)) {
        for (const line of lines) {
          if (signal.aborted) return
          const place = new Place(name, ++number)
          if (!this.#sendLine(line, place)) await this.#producer.ready()
        }
      }
    } catch (thrown) {
      if (signal.aborted) return
      const error = toError(thrown)
      if (isWrongFile(error)) throw error
      this.#give(`${name}: ${error.message}`)
    }
  }

  #sendLine(line: Buffer, place: Place): boolean {
    try {
      return this.#producer.send(this.#recordOf(line), place)
    } catch (error) {
      this.#give(`${String(place)}: ${toError(error).message}`)
      return true
    }
  }

  /** The first problem is the one that is said. */
  #give(problem: string): void {
    this.#problem ??= problem
    this.#ending.abort()
  }
}

/** Of no record that can be sent, even where every byte is an escape of JSON. */
function maxLineBytes(settings: ClientSettings): number {
  return 65_536 + 8 * Math.max(1_048_576, Number(settings['max.request.size'] ?? 0))
}

/** Where a line stands. */
class Place {
  readonly #file: string
  readonly #line: number

  constructor(file: string, line: number) {
    this.#file = file
    this.#line = line
  }

  toString(): string {
    return `${this.#file}:${this.#line}`
  }
}
