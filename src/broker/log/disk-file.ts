import {
  closeSync,
  constants,
  existsSync,
  fdatasync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import type { LogFile } from './log-file.ts'

const fdatasyncAsync = promisify(fdatasync)

/** How many files may be open at once: a broker of ten thousand partitions must not run out of descriptors. */
export class OpenFiles {
  readonly #open = new Set<DiskFile>()
  readonly #limit: number
  #uses = 0

  constructor(limit = 256) {
    this.#limit = limit
  }

  /** Called by a file before it opens: closes the one that was not used for the longest time. */
  admit(file: DiskFile): void {
    if (this.#open.size >= this.#limit) {
      let oldest: DiskFile | null = null
      for (const other of this.#open) {
        if (!other.isSyncing && (oldest === null || other.lastUse < oldest.lastUse)) oldest = other
      }
      oldest?.close()
    }
    this.#open.add(file)
  }

  forget(file: DiskFile): void {
    this.#open.delete(file)
  }

  tick(): number {
    return ++this.#uses
  }
}

/** A segment's file on disk: made when the first bytes come, opened when it is used. */
export class DiskFile implements LogFile {
  readonly path: string
  readonly #files: OpenFiles
  #fd = -1
  #size: number
  #hasTornTail = false
  /** Whether the file's name may not be on the disk yet. */
  #isNew: boolean
  #syncs = 0
  #mustClose = false
  lastUse = 0

  constructor(path: string, files: OpenFiles) {
    this.path = path
    this.#files = files
    const found = statSync(path, { throwIfNoEntry: false })
    this.#size = found?.size ?? 0
    this.#isNew = found === undefined
  }

  get size(): number {
    return this.#size
  }

  get isSyncing(): boolean {
    return this.#syncs > 0
  }

  append(bytes: Buffer): void {
    const fd = this.#use()
    if (this.#hasTornTail) this.truncate(this.#size)
    try {
      for (let written = 0; written < bytes.length;) {
        written += writeSync(fd, bytes, written, bytes.length - written, this.#size + written)
      }
    } catch (error) {
      this.#hasTornTail = true
      try {
        this.truncate(this.#size)
      } catch {
        // The next append tries again; until then nobody reads behind `size`.
      }
      throw error
    }
    this.#size += bytes.length
  }

  read(position: number, target: Buffer): number {
    const fd = this.#use()
    const wanted = Math.min(target.length, this.#size - position)
    let done = 0
    while (done < wanted) {
      const read = readSync(fd, target, done, wanted - done, position + done)
      if (read === 0) break
      done += read
    }
    return done
  }

  truncate(size: number): void {
    ftruncateSync(this.#use(), size)
    this.#size = size
    this.#hasTornTail = false
  }

  async sync(): Promise<void> {
    if (this.#size === 0 && !existsSync(this.path)) return
    const fd = this.#use()
    this.#syncs++
    try {
      await fdatasyncAsync(fd)
      if (this.#isNew) await syncFolders(this.path)
      this.#isNew = false
    } finally {
      this.#syncs--
      if (this.#syncs === 0 && this.#mustClose) this.close()
    }
  }

  /** While the file is synced its descriptor must not go to another file: it is closed afterwards then. */
  close(): void {
    this.#mustClose = this.#syncs > 0
    if (this.#fd < 0 || this.#mustClose) return
    closeSync(this.#fd)
    this.#fd = -1
    this.#files.forget(this)
  }

  remove(): void {
    this.close()
    rmSync(this.path, { force: true })
  }

  /** Makes the file if it is not there yet: an empty segment still tells where its log goes on. */
  create(): void {
    fstatSync(this.#use())
  }

  #use(): number {
    this.lastUse = this.#files.tick()
    this.#mustClose = false
    if (this.#fd < 0) {
      this.#files.admit(this)
      try {
        this.#fd = openOrMake(this.path)
      } catch (error) {
        this.#files.forget(this)
        throw error
      }
    }
    return this.#fd
  }
}

/** A file that is on the disk helps only if its name is too, and those of the partition's and topic's folders. */
async function syncFolders(path: string): Promise<void> {
  let folder = path
  for (let level = 0; level < 3; level++) {
    folder = dirname(folder)
    try {
      const handle = await open(folder, 'r')
      await handle.sync().finally(() => handle.close())
    } catch {
      // Not every system lets a folder be synced.
    }
  }
}

function openOrMake(path: string): number {
  const flags = constants.O_RDWR | constants.O_CREAT
  try {
    return openSync(path, flags, 0o644)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    mkdirSync(dirname(path), { recursive: true })
    return openSync(path, flags, 0o644)
  }
}
