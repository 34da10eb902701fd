import { TextRun, type OffsetMap, type SourceTask } from '../../index.ts'
import { LineSplitter } from './line-splitter.ts'
import { Wakeup } from './wakeup.ts'

const idleMs = 1000
const noPosition = { position: null }

/** Reads standard input. At its end the last line counts even without terminator, and the task stays idle. */
export class StdinSourceTask implements SourceTask {
  readonly #topic: string
  readonly #batchSize: number
  readonly #partition: OffsetMap
  readonly #lines = new LineSplitter(0)
  readonly #input: NodeJS.ReadableStream
  #hasEnded = false
  #error: Error | null = null
  readonly #wakeup = new Wakeup()

  constructor(
    { file, topic, batchSize }: { file: string | null; topic: string; batchSize: number },
    input: NodeJS.ReadableStream = process.stdin,
  ) {
    this.#topic = topic
    this.#batchSize = batchSize
    this.#partition = { filename: file }
    this.#input = input
    input.on('readable', this.#onReadable)
    input.on('end', this.#onEnd)
    input.on('error', this.#onError)
  }

  async poll(stopping: AbortSignal): Promise<TextRun | null> {
    if (this.#error !== null) throw this.#error
    this.#fill()
    const lines = this.#take()
    if (lines.length > 0) return lines
    await this.#wakeup.wait(idleMs, stopping)
    return null
  }

  stop(): void {
    // Standard input stays open: it is not ours.
    this.#input.off('readable', this.#onReadable)
    this.#input.off('end', this.#onEnd)
    this.#input.off('error', this.#onError)
    this.#input.pause()
  }

  #fill(): void {
    for (let chunk = this.#read(); chunk !== null; chunk = this.#read()) {
      for (let at = 0; at < chunk.length;) {
        const copied = chunk.copy(this.#lines.space(), 0, at)
        this.#lines.filled(copied)
        at += copied
      }
      if (chunk.length > 0 && this.#lines.pending > 1024 * 1024) return
    }
  }

  #read(): Buffer | null {
    const chunk: unknown = (this.#input as NodeJS.ReadStream).read()
    return chunk === null || Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
  }

  #take(): TextRun {
    if (this.#hasEnded) this.#lines.end()
    const { texts } = this.#lines.lines(this.#batchSize)
    return new TextRun({
      sourcePartition: this.#partition,
      sourceOffset: () => noPosition,
      topic: this.#topic,
      timestamp: Date.now(),
      texts,
    })
  }

  readonly #onReadable = (): void => this.#wakeup.wake()

  readonly #onEnd = (): void => {
    this.#hasEnded = true
    this.#wakeup.wake()
  }

  readonly #onError = (error: Error): void => {
    this.#error = error
    this.#wakeup.wake()
  }
}
