import {
  closeSync,
  existsSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import type { Logger } from '../util/logger.ts'
import { fromChecksummedLine, toChecksummedLine } from './checksummed-line.ts'
import { ApiError, ErrorCode } from './error-codes.ts'
import type { JournalEntry } from './journal-entries.ts'
import { readLines } from './read-lines.ts'
import { SharedSync } from './shared-sync.ts'

const fdatasyncAsync = promisify(fdatasync)
const formatVersion = 1
const compactAboveBytes = 8_388_608
const pieceLength = 1_048_576

/**
 * The broker's metadata as an append-only file of JSON lines with checksums. It is written anew when the broker
 * starts and when it has grown; the generation before stays beside it as `<path>.previous`.
 */
export class Journal {
  readonly #path: string
  readonly #log: Logger
  #fd = -1
  #size = 0
  #compactAt = compactAboveBytes
  #hasTornTail = false
  #isDirty = false
  #snapshot: () => JournalEntry[] = () => []
  readonly #syncs = new SharedSync(() => this.#sync())

  constructor(path: string, log: Logger) {
    this.#path = path
    this.#log = log
  }

  /** Everything that was written, oldest first. Called once, before `start`. */
  read(): JournalEntry[] {
    const current = this.#readFile(this.#path)
    const needsPrevious = current === null || current.damaged > 0 || current.entries.length === 0
    const previous = needsPrevious ? this.#readFile(`${this.#path}.previous`) : null
    if (previous !== null && previous.entries.length > 0) {
      this.#log.error(
        `The journal ${this.#path} is damaged: what it does not hold is taken from the generation before it.`,
      )
    }
    const entries = [...(previous?.entries ?? []), ...(current?.entries ?? [])]
    for (const entry of entries) {
      if (entry.type === 'format' && entry.version > formatVersion) {
        throw new Error(
          `The journal ${this.#path} has format ${entry.version}, this version knows ${formatVersion}: ` +
            'a newer version wrote this folder. Use that version, or another folder.',
        )
      }
    }
    return entries
  }

  /** Writes a new generation from what `snapshot` gives, now and whenever the file has grown too large. */
  start(snapshot: () => JournalEntry[]): void {
    this.#snapshot = snapshot
    this.#compact()
  }

  /** Adds a line, which is in the file (not yet on the disk) afterwards. Throws ApiError, with nothing kept. */
  append(entry: JournalEntry): void {
    const line = Buffer.from(toChecksummedLine(entry))
    try {
      if (this.#hasTornTail) this.#cutTornTail()
      for (let at = 0; at < line.length;)
        at += writeSync(this.#fd, line, at, line.length - at, this.#size + at)
    } catch (error) {
      this.#hasTornTail = true
      this.#log.error(`Writing to the journal ${this.#path} failed.`, error)
      throw new ApiError(
        ErrorCode.KAFKA_STORAGE_ERROR,
        `The journal cannot be written: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      )
    }
    this.#size += line.length
    this.#isDirty = true
    if (this.#size > this.#compactAt) this.#compactLater()
  }

  /** Resolves when all that was appended before the call is on the disk. Throws ApiError. */
  flush(): Promise<void> {
    return this.#isDirty ? this.#syncs.request() : this.#syncs.idle()
  }

  async close(): Promise<void> {
    if (this.#fd < 0) return
    await this.flush()
    closeSync(this.#fd)
    this.#fd = -1
  }

  async #sync(): Promise<void> {
    this.#isDirty = false
    try {
      await fdatasyncAsync(this.#fd)
    } catch (error) {
      this.#isDirty = true
      throw new ApiError(ErrorCode.KAFKA_STORAGE_ERROR, 'The journal was not brought to the disk.', {
        cause: error,
      })
    }
  }

  #cutTornTail(): void {
    ftruncateSync(this.#fd, this.#size)
    this.#hasTornTail = false
  }

  /** Not before the change that is being journaled is part of the state, and not while the file is synced. */
  #compactLater(): void {
    this.#compactAt = Infinity
    void this.flush()
      .catch(() => undefined)
      .then(() => {
        if (this.#fd >= 0) this.#compact()
      })
      .catch((error: unknown) => {
        this.#log.warn(`The journal ${this.#path} could not be made smaller.`, error)
      })
  }

  #compact(): void {
    const next = `${this.#path}.new`
    const fd = openSync(next, 'w', 0o644)
    let size = 0
    try {
      // Never as one text: a text has a largest length.
      for (const bytes of inPieces(this.#snapshot())) {
        for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at, size + at)
        size += bytes.length
      }
      fsyncSync(fd)
      if (existsSync(this.#path)) {
        rmSync(`${this.#path}.previous`, { force: true })
        linkSync(this.#path, `${this.#path}.previous`)
      }
      renameSync(next, this.#path)
      syncDirectory(dirname(this.#path))
      this.#size = size
    } catch (error) {
      closeSync(fd)
      throw error
    }
    if (this.#fd >= 0) closeSync(this.#fd)
    this.#fd = fd
    this.#hasTornTail = false
    this.#compactAt = Math.max(compactAboveBytes, this.#size * 4)
  }

  #readFile(path: string): { entries: JournalEntry[]; damaged: number } | null {
    let damaged = 0
    let count = 0
    const entries: JournalEntry[] = []
    const take = (line: string) => {
      count++
      const entry = fromChecksummedLine(line) as JournalEntry | undefined
      if (entry !== undefined) entries.push(entry)
      else {
        damaged++
        this.#log.error(`Line ${count} of the journal ${path} is damaged and left out.`)
      }
    }
    const tailBytes = readLines(path, take)
    if (tailBytes === null) return null
    if (tailBytes > 0) {
      this.#log.warn(`The journal ${path} ends with half a line: ${tailBytes} bytes are left out.`)
    }
    return { entries, damaged }
  }
}

function* inPieces(entries: Iterable<JournalEntry>): Generator<Buffer> {
  let text = ''
  for (const entry of entries) {
    text += toChecksummedLine(entry)
    if (text.length < pieceLength) continue
    yield Buffer.from(text)
    text = ''
  }
  yield Buffer.from(text)
}

/** Makes renames and new files in a folder survive a power cut, where the system lets a folder be synced. */
function syncDirectory(directory: string): void {
  let fd: number
  try {
    fd = openSync(directory, 'r')
  } catch {
    return
  }
  try {
    fsyncSync(fd)
  } catch {
    // Not every file system can.
  } finally {
    closeSync(fd)
  }
}
