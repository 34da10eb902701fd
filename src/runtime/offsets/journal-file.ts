import * as fs from 'node:fs'

/** The calls that the journal makes, so that tests can let any of them fail. */
export type FileLayer = Pick<
  typeof fs,
  | 'openSync'
  | 'closeSync'
  | 'writeSync'
  | 'ftruncateSync'
  | 'fdatasync'
  | 'fsync'
  | 'renameSync'
  | 'linkSync'
  | 'unlinkSync'
  | 'readFileSync'
  | 'copyFileSync'
>

export const nodeFiles: FileLayer = fs

/** A file that only grows, one whole write at a time. */
export class AppendFile {
  readonly #files: FileLayer
  readonly #fd: number
  #size: number

  constructor(files: FileLayer, fd: number, size: number) {
    this.#files = files
    this.#fd = fd
    this.#size = size
  }

  get size(): number {
    return this.#size
  }

  /** When it returns, all of it is in the page cache, where a kill cannot reach it. When it throws, none of it counts. */
  append(bytes: Buffer): void {
    try {
      for (let done = 0; done < bytes.length;) {
        done += this.#files.writeSync(this.#fd, bytes, done, bytes.length - done, this.#size + done)
      }
    } catch (thrown) {
      this.truncate(this.#size)
      throw thrown
    }
    this.#size += bytes.length
  }

  /** Cuts off what lies behind `size`. If that fails, too, the next append writes over it. */
  truncate(size: number): void {
    this.#size = size
    try {
      this.#files.ftruncateSync(this.#fd, size)
    } catch {
      // The append or sync that follows reports what is wrong with the file.
    }
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#files.fdatasync(this.#fd, (error) => (error ? reject(error) : resolve()))
    })
  }

  close(): void {
    this.#files.closeSync(this.#fd)
  }
}

/** Makes the names in a folder durable. File systems that cannot do it need not; throws what else goes wrong. */
export async function syncFolder(files: FileLayer, folder: string): Promise<void> {
  let fd: number | undefined
  try {
    const opened = (fd = files.openSync(folder, 'r'))
    await new Promise<void>((resolve, reject) => {
      files.fsync(opened, (error) => (error ? reject(error) : resolve()))
    })
  } catch (thrown) {
    if (!cannotSyncFolders.has((thrown as NodeJS.ErrnoException).code ?? '')) throw thrown
  } finally {
    if (fd !== undefined) files.closeSync(fd)
  }
}

const cannotSyncFolders = new Set([
  'EACCES',
  'EBADF',
  'EINVAL',
  'EISDIR',
  'ENOSYS',
  'ENOTSUP',
  'EOPNOTSUPP',
  'EPERM',
])

export function readIfThere(files: FileLayer, path: string): Buffer | null {
  try {
    return files.readFileSync(path)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw thrown
  }
}

export function removeIfThere(files: FileLayer, path: string): void {
  try {
    files.unlinkSync(path)
  } catch {
    // Nothing there, or not ours to remove: whoever needs the name reports it.
  }
}
