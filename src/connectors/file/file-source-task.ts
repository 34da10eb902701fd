import type { Stats } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'
import {
  ConnectError,
  TextRun,
  toError,
  type OffsetMap,
  type SourceTask,
  type SourceTaskContext,
} from '../../index.ts'
import { FileChanges } from './file-changes.ts'
import { LineSplitter } from './line-splitter.ts'

/** How long a poll without data lasts at most, as in Kafka Connect. */
const idleMs = 1000
/** A line that long is not text; beyond it a string could not be made anyway. */
const maxLineBytes = 256 * 1024 * 1024

export class FileSourceTask implements SourceTask {
  readonly #file: string
  readonly #topic: string
  readonly #batchSize: number
  readonly #context: SourceTaskContext
  readonly #partition: OffsetMap
  readonly #changes: FileChanges
  #handle: FileHandle | null = null
  #lines = new LineSplitter(0)
  #isMissingKnown = false
  #isShortKnown = false

  constructor(
    { file, topic, batchSize }: { file: string; topic: string; batchSize: number },
    context: SourceTaskContext,
  ) {
    this.#file = file
    this.#topic = topic
    this.#batchSize = batchSize
    this.#context = context
    this.#partition = { filename: file }
    this.#changes = new FileChanges(file)
  }

  async poll(stopping: AbortSignal): Promise<TextRun | null> {
    this.#changes.reset()
    if (this.#handle === null && !(await this.#open())) {
      await this.#changes.wait(idleMs, stopping)
      return null
    }
    let records = this.#take()
    if (records.length === 0) {
      while (records.length === 0 && !stopping.aborted && (await this.#read())) records = this.#take()
    }
    if (records.length > 0) return records
    await this.#changes.wait(idleMs, stopping)
    return null
  }

  async stop(): Promise<void> {
    this.#changes.close()
    await this.#handle?.close()
    this.#handle = null
  }

  /** Lines that are buffered already, up to the batch size. */
  #take(): TextRun {
    const { texts, positionBehind } = this.#lines.lines(this.#batchSize)
    return new TextRun({
      sourcePartition: this.#partition,
      sourceOffset: (i) => ({ position: positionBehind(i) }),
      topic: this.#topic,
      timestamp: Date.now(),
      texts,
    })
  }

  /** False at the end of the file. */
  async #read(): Promise<boolean> {
    if (this.#lines.pending > maxLineBytes) {
      throw new ConnectError(
        `${this.#file} has no line end within ${maxLineBytes} bytes from byte ${this.#lines.position} on: this is no text file.`,
      )
    }
    const space = this.#lines.space()
    const { bytesRead } = await this.#handle!.read(space, 0, space.length, this.#lines.readPosition)
    this.#lines.filled(bytesRead)
    return bytesRead > 0
  }

  /** False while the file does not exist. */
  async #open(): Promise<boolean> {
    let handle: FileHandle
    try {
      handle = await open(this.#file, 'r')
    } catch (thrown) {
      const error = toError(thrown) as NodeJS.ErrnoException
      if (error.code !== 'ENOENT') throw await unreadable(this.#file, error)
      if (!this.#isMissingKnown)
        this.#context.log.warn(
          `Couldn't find file ${this.#file} for FileStreamSourceTask, waiting for it to be created`,
        )
      this.#isMissingKnown = true
      return false
    }
    try {
      const { size, isDirectory } = await describe(handle)
      if (isDirectory) throw new ConnectError(`Cannot read ${this.#file}: it is a directory, not a file.`)
      const position = await this.#committedPosition()
      if (position > size && !this.#isShortKnown) {
        this.#isShortKnown = true
        this.#context.log.warn(
          `${this.#file} has ${size} bytes, but ${position} were read of it before: waiting until it has grown. ` +
            'If it was replaced or cut, reset the offset of this connector.',
        )
      }
      this.#lines = new LineSplitter(position)
      this.#handle = handle
      return true
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  async #committedPosition(): Promise<number> {
    const offset = await this.#context.offsetReader.offset(this.#partition)
    const position = offset?.['position'] ?? 0
    if (typeof position !== 'number' || !Number.isInteger(position)) {
      throw new ConnectError('Offset position is the incorrect type')
    }
    return position
  }
}

async function describe(handle: FileHandle): Promise<{ size: number; isDirectory: boolean }> {
  const stats = await handle.stat()
  return { size: stats.isFile() ? stats.size : Number.POSITIVE_INFINITY, isDirectory: stats.isDirectory() }
}

/** What stands in the way, in the terms of `ls -l`. */
async function unreadable(file: string, cause: NodeJS.ErrnoException): Promise<ConnectError> {
  if (cause.code !== 'EACCES' && cause.code !== 'EPERM') {
    return new ConnectError(`Cannot read ${file}: ${cause.message}`, { cause })
  }
  const found = await stat(file).then(permissions, () => 'a folder on its way may not be searched')
  const who =
    process.getuid === undefined
      ? ''
      : ` This process runs as user ${process.getuid()}, group ${process.getgid?.()}.`
  return new ConnectError(`Cannot read ${file}: permission denied; ${found}.${who} Grant it read access.`, {
    cause,
  })
}

function permissions({ mode, uid, gid }: Stats): string {
  return `its mode is ${(mode & 0o7777).toString(8).padStart(4, '0')}, its owner user ${uid}, group ${gid}`
}
