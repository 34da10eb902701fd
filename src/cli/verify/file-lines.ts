import { open, type FileHandle } from 'node:fs/promises'
import { LineSplitter } from '../../connectors/file/line-splitter.ts'
import { ConnectError } from '../../errors.ts'
import { lineOf, type Line, type LineReader } from './line.ts'

const batchLines = 2000
const maxLineBytes = 256 * 1024 * 1024

/**
 * The lines that a file has now; what is appended later is not read. A source's lines end as FileStreamSource has it, a
 * sink's at LF alone. A last line without its end is none yet.
 */
export class FileLines implements LineReader {
  readonly #path: string
  readonly #handle: FileHandle
  readonly #size: number
  readonly #splitter: LineSplitter
  #number = 0

  static async open(path: string, role: 'source' | 'sink'): Promise<FileLines> {
    const handle = await open(path, 'r')
    try {
      const stats = await handle.stat()
      if (!stats.isFile()) throw new ConnectError(`${path} is no ordinary file.`)
      return new FileLines(path, handle, stats.size, role)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  private constructor(path: string, handle: FileHandle, size: number, role: 'source' | 'sink') {
    this.#path = path
    this.#handle = handle
    this.#size = size
    this.#splitter = new LineSplitter(0, undefined, role === 'source' ? 'LF and CR' : 'LF')
  }

  async next(): Promise<readonly Line[] | null> {
    const lines: Line[] = []
    for (;;) {
      while (lines.length < batchLines) {
        const offset = this.#splitter.position
        const text = this.#splitter.next()
        if (text === null) break
        lines.push(lineOf(text, { number: ++this.#number, offset, partition: -1 }))
      }
      if (lines.length > 0) return lines
      if (!(await this.#read())) return null
    }
  }

  /** Bytes behind the last line end. */
  get unfinished(): number {
    return this.#size - this.#splitter.position
  }

  close(): Promise<void> {
    return this.#handle.close()
  }

  async #read(): Promise<boolean> {
    const { readPosition, pending, position } = this.#splitter
    if (pending > maxLineBytes)
      throw new ConnectError(
        `${this.#path} has no line end within ${maxLineBytes} bytes from byte ${position} on.`,
      )
    const space = this.#splitter.space()
    const length = Math.min(space.length, this.#size - readPosition)
    if (length <= 0) return false
    const { bytesRead } = await this.#handle.read(space, 0, length, readPosition)
    this.#splitter.filled(bytesRead)
    return bytesRead > 0
  }
}
