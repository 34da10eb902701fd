import { constants } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { ConfigError, ConnectError, toError } from '../../index.ts'
import { syncFolderOf, type Checkpoint } from './checkpoints.ts'
import { writeAll } from './output.ts'

const tailBytes = 1024

/** A file whose length is known and can be taken back. Nobody else may write to it. */
export class ExactFile {
  readonly #path: string
  readonly #handle: FileHandle
  #length: number

  /** Creates the file but not its folder. Throws ConnectError, or ConfigError for what is no ordinary file. */
  static async open(path: string): Promise<ExactFile> {
    let handle: FileHandle
    try {
      handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o666)
    } catch (cause) {
      throw new ConnectError(
        `Couldn't find or create file '${path}' for FileStreamSinkTask: ${toError(cause).message}`,
        { cause },
      )
    }
    try {
      const stats = await handle.stat()
      if (!stats.isFile()) {
        throw new ConfigError(`exactly.once.sink=true needs an ordinary file, which ${path} is not.`, {
          key: 'file',
        })
      }
      await syncFolderOf(path)
      return new ExactFile(path, handle, stats.size)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  private constructor(path: string, handle: FileHandle, length: number) {
    this.#path = path
    this.#handle = handle
    this.#length = length
  }

  get length(): number {
    return this.#length
  }

  /** All of it or, when it throws WriteError, nothing. */
  async write(bytes: Buffer, cancelled?: AbortSignal): Promise<void> {
    try {
      await writeAll(bytes, `the file ${this.#path}`, (rest) => {
        cancelled?.throwIfAborted()
        return this.#handle.write(rest, 0, rest.length, this.#length + bytes.length - rest.length)
      })
    } catch (error) {
      // A task that was given up may have a successor already, whose file this is.
      if (cancelled?.aborted !== true) await this.#handle.truncate(this.#length)
      throw error
    }
    this.#length += bytes.length
  }

  /** Half a line that something else has left must not swallow the next one. */
  async endLine(): Promise<void> {
    if (this.#length === 0 || (await this.#read(this.#length - 1, 1)).toString('latin1') === '\n') return
    await this.write(Buffer.from('\n'))
  }

  async cutTo(length: number): Promise<void> {
    await this.#handle.truncate(length)
    this.#length = length
    await this.#handle.datasync()
  }

  /** The durable state of the file. Throws ConnectError when somebody else has changed or replaced it. */
  async checkpoint(): Promise<Pick<Checkpoint, 'length' | 'tail'>> {
    await this.#handle.datasync()
    const [ours, there] = await Promise.all([
      this.#handle.stat({ bigint: true }),
      stat(this.#path, { bigint: true }).catch(() => null),
    ])
    if (there === null || there.ino !== ours.ino || there.dev !== ours.dev) {
      throw new ConnectError(`The file ${this.#path} was removed or replaced while this task wrote to it.`)
    }
    if (ours.size !== BigInt(this.#length)) {
      throw new ConnectError(
        `The file ${this.#path} has ${ours.size} bytes, but this task has made it ${this.#length} long: somebody else ` +
          'writes to it. With exactly.once.sink=true a file belongs to one connector.',
      )
    }
    return { length: this.#length, tail: await this.#tail(this.#length) }
  }

  /** Whether the beginning of the file is what it was at the checkpoint, as far as its last part tells. */
  async holds({ length, tail }: Checkpoint): Promise<boolean> {
    return length <= this.#length && (await this.#tail(length)) === tail
  }

  close(): Promise<void> {
    return this.#handle.close()
  }

  async #tail(length: number): Promise<number> {
    const from = Math.max(0, length - tailBytes)
    return crc32(await this.#read(from, length - from))
  }

  async #read(from: number, length: number): Promise<Buffer> {
    const bytes = Buffer.alloc(length)
    const { bytesRead } = await this.#handle.read(bytes, 0, length, from)
    return bytes.subarray(0, bytesRead)
  }
}
