import { randomUUID } from 'node:crypto'
import * as fs from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { ConnectError, toError } from '../../errors.ts'
import type { Logger } from '../../util/logger.ts'
import { OffsetFileError, unusablePath } from './errors.ts'
import {
  discardGeneration,
  installGeneration,
  keepCopy,
  replaceGeneration,
  syncNames,
  temporaryPath,
  writeGeneration,
} from './generation.ts'
import { AppendFile, nodeFiles, readIfThere, removeIfThere, type FileLayer } from './journal-file.ts'
import { encodeBatch, type OffsetChange } from './journal-format.ts'
import { FileLock } from './lock.ts'
import { recover, type Recovered } from './recovery.ts'

export interface JournalOptions {
  readonly log: Logger
  /** `batch`: every `put` is synced soon; `interval`: only `flush` syncs. */
  readonly sync?: 'batch' | 'interval'
  /** Goes on where a damaged file would otherwise keep the worker from starting. */
  readonly acceptLostOffsets?: boolean
  readonly now?: () => number
  readonly files?: FileLayer
  /** Size from which compaction is thought of. */
  readonly compactAbove?: number
}

/**
 * The offsets of source connectors, in a journal that survives. Keys and values are the JSON texts that Kafka Connect
 * uses; null marks a deleted offset, which stays known as deleted.
 *
 * `put` makes changes visible at once and safe from a kill; `flush` resolves when they are safe from a power cut.
 * Changes that could not be written are kept and written with the next ones.
 */
export class OffsetJournal {
  readonly path: string
  readonly #log: Logger
  readonly #files: FileLayer
  readonly #lock: FileLock
  readonly #now: () => number
  readonly #syncEveryPut: boolean
  readonly #worker: string
  readonly #entries: Map<string, string | null>
  #file: AppendFile
  #generation: number
  #seq: number
  #compactAbove: number
  /** Bytes that a compacted journal would have, roughly. */
  #liveBytes = 0

  /** Changes not in the file yet, because writing failed. */
  readonly #unwritten = new Map<string, string | null>()
  /** Changes since a compaction in progress took its snapshot. */
  #sinceSnapshot: Map<string, string | null> | null = null
  /** Counts batches: how many were put, and up to which one the file is known to be durable. */
  #putCount = 0
  #durableCount = 0
  /** The one sync or compaction that is under way. */
  #busy: Promise<void> | null = null
  /** After a failed sync nobody knows what of the file, or of its name, is on the disk: it has to be written anew. */
  #isDoubtful = false
  /** The number of batches put when saving failed; null while it works. */
  #failedAt: number | null = null
  #retry: NodeJS.Timeout | null = null
  #isClosed = false

  /**
   * Opens, and where needed creates, repairs or imports, the offset file. Throws ConfigError when no file can be kept
   * there, OffsetFileError when going on would lose offsets, OffsetFileLockedError when another worker has it.
   */
  static async open(path: string, options: JournalOptions): Promise<OffsetJournal> {
    const files = options.files ?? nodeFiles
    const real = realPath(path)
    const lock = await FileLock.acquire(real, options.log)
    try {
      const recovered = await readStore(files, real, options)
      const worker = recovered.worker ?? randomUUID()
      const opened = await prepareFile(files, real, recovered, worker, options.now?.() ?? Date.now())
      return new OffsetJournal(real, lock, recovered, { ...opened, worker }, options)
    } catch (thrown) {
      lock.release()
      throw thrown
    }
  }

  private constructor(
    path: string,
    lock: FileLock,
    { entries }: Recovered,
    opened: PreparedFile & { worker: string },
    { log, sync = 'batch', now = Date.now, files = nodeFiles, compactAbove = 1024 * 1024 }: JournalOptions,
  ) {
    this.path = path
    this.#log = log
    this.#lock = lock
    this.#files = files
    this.#now = now
    this.#syncEveryPut = sync === 'batch'
    this.#entries = entries
    this.#worker = opened.worker
    this.#file = opened.file
    this.#generation = opened.generation
    this.#seq = opened.seq
    this.#compactAbove = compactAbove
    for (const [key, value] of entries) this.#liveBytes += entrySize(key, value)
    this.#startWork()
  }

  /** The random name of the worker that keeps this file, as long as the file lives. */
  get worker(): string {
    return this.#worker
  }

  /** The offset; null when it was deleted, undefined when there never was one. */
  get(key: string): string | null | undefined {
    return this.#entries.get(key)
  }

  entries(): IterableIterator<[string, string | null]> {
    return this.#entries.entries()
  }

  /** Takes all changes as one batch: after a crash there are all of them or none. Does not throw when writing fails. */
  put(changes: Iterable<OffsetChange>): void {
    if (this.#isClosed) throw new ConnectError(`The offset file ${this.path} is closed.`)
    let isEmpty = true
    for (const [key, value] of changes) {
      isEmpty = false
      const old = this.#entries.get(key)
      if (old !== undefined) this.#liveBytes -= entrySize(key, old)
      this.#liveBytes += entrySize(key, value)
      this.#entries.set(key, value)
      this.#unwritten.set(key, value)
      this.#sinceSnapshot?.set(key, value)
    }
    if (isEmpty) return
    this.#putCount++
    try {
      this.#write()
    } catch (thrown) {
      this.#reportFailure(thrown)
      return
    }
    if (this.#syncEveryPut || this.#isDueForCompaction()) this.#startWork()
  }

  /** Resolves when everything put so far is durable. Rejects when it cannot be made so; the changes are kept. */
  async flush(): Promise<void> {
    const wanted = this.#putCount
    try {
      while (this.#durableCount < wanted) {
        if (this.#busy === null) this.#write()
        await (this.#busy ?? this.#begin(() => this.#makeDurable()))
      }
    } catch (thrown) {
      this.#reportFailure(thrown)
      throw new ConnectError(`Offsets could not be saved to ${this.path}: ${toError(thrown).message}`, {
        cause: thrown,
      })
    }
  }

  /** Flushes, then gives the file back even if that failed. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    try {
      await this.flush()
    } finally {
      this.#isClosed = true
      if (this.#retry !== null) clearTimeout(this.#retry)
      await this.#busy?.catch(() => {})
      this.#file.close()
      this.#lock.release()
    }
  }

  #write(): void {
    if (this.#unwritten.size === 0) return
    this.#file.append(encodeBatch({ seq: this.#seq + 1, at: this.#now(), set: [...this.#unwritten] }))
    this.#seq++
    this.#unwritten.clear()
  }

  /** Syncs, and compacts where it is due, as long as there is a reason; one thing at a time. */
  #startWork(): void {
    if (this.#busy !== null || this.#isClosed) return
    const needsSync = this.#syncEveryPut && this.#durableCount < this.#putCount
    if (!needsSync && !this.#isDueForCompaction()) return
    this.#begin(() => this.#makeDurable()).catch((thrown: unknown) => this.#reportFailure(thrown))
  }

  #begin(work: () => Promise<void>): Promise<void> {
    const begun = work().finally(() => {
      this.#busy = null
    })
    this.#busy = begun
    // Whoever waits for it hears of a failure; where nobody does, the next one tries again.
    begun.then(
      () => this.#startWork(),
      () => {},
    )
    return begun
  }

  async #makeDurable(): Promise<void> {
    if (this.#isDoubtful) return this.#compact()
    if (this.#isDueForCompaction()) {
      try {
        return await this.#compact()
      } catch (thrown) {
        if (this.#isDoubtful) throw thrown
        // The journal itself is as good as before. Try again when it has doubled.
        this.#compactAbove = this.#file.size * 2
        this.#log.warn(`The offset file ${this.path} could not be compacted: ${toError(thrown).message}`)
      }
    }
    this.#write()
    const reached = this.#putCount
    try {
      await this.#file.sync()
    } catch (thrown) {
      this.#isDoubtful = true
      throw thrown
    }
    this.#reached(reached)
  }

  #isDueForCompaction(): boolean {
    return this.#file.size > this.#compactAbove && this.#file.size > 4 * this.#liveBytes
  }

  /** Changes put meanwhile go to the old file and, before the new one takes its place, to that as well. */
  async #compact(): Promise<void> {
    const generation = this.#generation + 1
    const at = this.#now()
    const since = (this.#sinceSnapshot = new Map())
    const snapshot = [...this.#entries]
    try {
      const next = await writeGeneration(
        this.#files,
        { path: this.path, worker: this.#worker, generation, at },
        snapshot,
      )
      try {
        const seqs = { last: next.seq }
        let reached = this.#putCount
        for (let round = 0; round === 0 || (round < 5 && since.size > sliceEntries); round++) {
          while (since.size > sliceEntries) {
            appendChanges(next.file, since, seqs, this.#now())
            await setImmediate()
          }
          appendChanges(next.file, since, seqs, this.#now())
          reached = this.#putCount
          await next.file.sync()
        }
        // From here to the replacement nothing can be put in between.
        while (since.size > 0) appendChanges(next.file, since, seqs, this.#now())
        installGeneration(this.#files, this.path, !this.#isDoubtful)
        this.#replaceFile(next.file, seqs.last, generation)
        await syncNames(this.#files, this.path)
        this.#reached(reached)
      } catch (thrown) {
        // In place already, but nobody knows which of the two its name means after a power cut.
        if (this.#file === next.file) this.#isDoubtful = true
        else discardGeneration(this.#files, this.path, next.file)
        throw thrown
      }
    } finally {
      this.#sinceSnapshot = null
    }
  }

  #replaceFile(file: AppendFile, seq: number, generation: number): void {
    const old = this.#file
    this.#file = file
    this.#seq = seq
    this.#generation = generation
    this.#sinceSnapshot = null
    this.#unwritten.clear()
    this.#isDoubtful = false
    old.close()
  }

  #reached(putCount: number): void {
    this.#durableCount = Math.max(this.#durableCount, putCount)
    // A sync that was under way when writing failed says nothing about what was put then.
    if (this.#failedAt === null || this.#unwritten.size > 0 || putCount < this.#failedAt) return
    this.#failedAt = null
    this.#log.info(`The offset file ${this.path} can be written again; all offsets are saved.`)
  }

  #reportFailure(thrown: unknown): void {
    if (this.#failedAt === null) {
      this.#failedAt = this.#putCount
      this.#log.error(
        `Offsets could not be saved to ${this.path}: ${toError(thrown).message}. They are kept in memory and written as ` +
          'soon as possible; a crash before that delivers records again.',
      )
    }
    if (this.#retry !== null || this.#isClosed) return
    this.#retry = setTimeout(() => {
      this.#retry = null
      if (!this.#isClosed) this.flush().catch(() => {})
    }, 1000)
    this.#retry.unref()
  }
}

interface PreparedFile {
  readonly file: AppendFile
  readonly seq: number
  readonly generation: number
}

/** The file itself where the path is a link: renaming must not replace the link. */
function realPath(path: string): string {
  const full = resolve(path)
  const folder = dirname(full)
  try {
    if (fs.existsSync(full)) {
      const real = fs.realpathSync(full)
      if (fs.statSync(real).isDirectory())
        throw Object.assign(new Error('is a directory'), { code: 'EISDIR' })
      return real
    }
    return join(fs.realpathSync(folder), basename(full))
  } catch (thrown) {
    throw unusablePath(path, thrown as NodeJS.ErrnoException, folder)
  }
}

async function readStore(
  files: FileLayer,
  path: string,
  { log, acceptLostOffsets = false }: JournalOptions,
): Promise<Recovered> {
  let bytes
  try {
    bytes = { main: readIfThere(files, path), previous: readIfThere(files, `${path}.1`) }
  } catch (thrown) {
    throw unusablePath(path, thrown as NodeJS.ErrnoException, dirname(path))
  }
  const recovered = recover(bytes, { path, log, acceptLostOffsets })
  const keepAs = recovered.next.kind === 'rewrite' ? recovered.next.keepAs : null
  if (keepAs === null) return recovered
  try {
    await keepCopy(files, path, bytes.main!, keepAs)
  } catch (thrown) {
    throw new OffsetFileError(
      `The offset file ${path} has to be rewritten, but no copy of it can be kept as ${path}.${keepAs}: ` +
        toError(thrown).message,
      { cause: thrown },
    )
  }
  return recovered
}

async function prepareFile(
  files: FileLayer,
  path: string,
  { next, entries, generation, lastSeq }: Recovered,
  worker: string,
  at: number,
): Promise<PreparedFile> {
  removeIfThere(files, temporaryPath(path))
  try {
    if (next.kind === 'append') {
      const file = new AppendFile(files, files.openSync(path, 'r+'), next.intactLength)
      file.truncate(next.intactLength)
      if (next.lacksLineEnd) file.append(Buffer.from('\n'))
      // A worker killed behind a compaction may have left a name that a power cut takes back.
      await syncNames(files, path)
      return { file, seq: lastSeq, generation }
    }
    const spec = { path, worker, generation: generation + 1, at }
    return { ...(await replaceGeneration(files, spec, [...entries])), generation: spec.generation }
  } catch (thrown) {
    throw unusablePath(path, thrown as NodeJS.ErrnoException, dirname(path))
  }
}

const sliceEntries = 1000

/** Moves some changes to the end of the file. They may be cut into slices: the file is not in use yet. */
function appendChanges(
  file: AppendFile,
  changes: Map<string, string | null>,
  seqs: { last: number },
  at: number,
): void {
  const set: OffsetChange[] = []
  for (const change of changes) if (set.push(change) === sliceEntries) break
  if (set.length === 0) return
  file.append(encodeBatch({ seq: seqs.last + 1, at, set }))
  seqs.last++
  for (const [key] of set) changes.delete(key)
}

function entrySize(key: string, value: string | null): number {
  return key.length + (value?.length ?? 4) + 80
}
