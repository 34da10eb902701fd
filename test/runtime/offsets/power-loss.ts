import { basename } from 'node:path'
import type { FileLayer } from '../../../src/runtime/offsets/journal-file.ts'

interface Inode {
  readonly id: number
  bytes: Buffer
}

type Names = Map<string, Inode>

/** What reached the page cache, in order. `synced` and `namesSynced` make durable what came before `upTo`. */
type Event =
  | { readonly kind: 'data'; readonly inode: number; readonly change: DataChange }
  | { readonly kind: 'names'; readonly change: (names: Map<string, number>) => void }
  | { readonly kind: 'synced'; readonly inode: number; readonly upTo: number }
  | { readonly kind: 'namesSynced'; readonly upTo: number }
  | { readonly kind: 'promised'; readonly promise: number }

type DataChange = { readonly at: number; readonly bytes: Buffer } | { readonly size: number }

export interface DiskOptions {
  /** Syncs succeed and do nothing, as with a disk that lies or a call that somebody removed. */
  readonly ignores?: 'fdatasync' | 'fsync'
}

/**
 * A disk in memory that remembers what was synced when, and can show what a power cut at any moment may leave behind.
 * Two rules only, those of POSIX: data of a file is safe once a sync that began behind the write has returned, and a name
 * is safe once a sync of its folder has. Whatever is not safe may be there, in part or not at all, in any order.
 */
export class PowerLossDisk {
  readonly #options: DiskOptions
  readonly #names: Names = new Map()
  readonly #open = new Map<number, Inode | 'folder'>()
  readonly #log: Event[] = []
  #nextId = 3

  constructor(files: ReadonlyMap<string, Buffer> = new Map(), options: DiskOptions = {}) {
    this.#options = options
    for (const [path, bytes] of files) {
      const inode = this.#create(path)
      this.#write(inode, 0, bytes)
      this.#log.push({ kind: 'synced', inode: inode.id, upTo: this.#log.length })
    }
    this.#log.push({ kind: 'namesSynced', upTo: this.#log.length })
  }

  /** How many moments there are to cut the power at. */
  get moments(): number {
    return this.#log.length
  }

  /** Notes that something, known by its number, is promised from now on. */
  promise(promise: number): void {
    this.#log.push({ kind: 'promised', promise })
  }

  /** The last promise made before that moment, or -1. */
  promisedAt(moment: number): number {
    const found = this.#log.slice(0, moment).findLast((event) => event.kind === 'promised')
    return found?.kind === 'promised' ? found.promise : -1
  }

  /** The disk on which the process was killed at that moment: all is in the cache still, but no safer than it was. */
  killedAt(moment: number): PowerLossDisk {
    const disk = new PowerLossDisk(new Map(), this.#options)
    disk.#log.splice(0, disk.#log.length, ...this.#log.slice(0, moment))
    disk.#nextId = this.#nextId
    const { data, names } = replay(disk.#log, () => 'kept')
    const inodes = new Map([...data].map(([id, bytes]) => [id, { id, bytes }]))
    for (const [path, id] of names) disk.#names.set(path, inodes.get(id)!)
    return disk
  }

  /** What a power cut at that moment may leave. `random` gives numbers in [0, 1). */
  cutAt(moment: number, random: () => number): Map<string, Buffer> {
    const inOrder = random() < 0.5
    let isLost = false
    const { data, names } = replay(
      this.#log.slice(0, moment),
      (kind) => {
        // Most file systems keep the order of changes of names; none has to.
        if (kind === 'names' && inOrder) return (isLost ||= random() < 0.3) ? 'lost' : 'kept'
        const dice = random()
        if (dice < 0.35) return 'lost'
        return dice < 0.6 ? { part: random() } : 'kept'
      },
      random,
    )
    return new Map([...names].map(([path, id]) => [path, data.get(id)!]))
  }

  /** A sync that has returned at once: of a file, or of the names in a folder. */
  syncNow(fd: number): void {
    const what = this.#open.get(fd)
    const upTo = this.#log.length
    if (what === 'folder') this.#log.push({ kind: 'namesSynced', upTo })
    else if (what !== undefined) this.#log.push({ kind: 'synced', inode: what.id, upTo })
  }

  readonly files = {
    openSync: (path: string, flags: string) => {
      const fd = this.#nextId++
      if (flags === 'r') return this.#opened(fd, 'folder')
      const there = this.#names.get(path)
      if (there === undefined && flags === 'r+') throw missing(path)
      if (there !== undefined && flags === 'w') this.#truncate(there, 0)
      return this.#opened(fd, there ?? this.#create(path))
    },
    closeSync: (fd: number) => void this.#open.delete(fd),
    writeSync: (fd: number, bytes: Buffer, offset: number, length: number, at: number) => {
      this.#write(this.#inode(fd), at, Buffer.from(bytes.subarray(offset, offset + length)))
      return length
    },
    ftruncateSync: (fd: number, size: number) => this.#truncate(this.#inode(fd), size),
    fdatasync: (fd: number, done: (error: Error | null) => void) => {
      const { id } = this.#inode(fd)
      const upTo = this.#log.length
      setImmediate(() => {
        if (this.#options.ignores !== 'fdatasync') this.#log.push({ kind: 'synced', inode: id, upTo })
        done(null)
      })
    },
    fsync: (_fd: number, done: (error: Error | null) => void) => {
      const upTo = this.#log.length
      setImmediate(() => {
        if (this.#options.ignores !== 'fsync') this.#log.push({ kind: 'namesSynced', upTo })
        done(null)
      })
    },
    renameSync: (from: string, to: string) => {
      this.#names.set(to, this.#named(from))
      if (from !== to) this.#names.delete(from)
      this.#noteNames((names) => {
        const id = names.get(from)
        if (id === undefined) return
        names.set(to, id)
        names.delete(from)
      })
    },
    linkSync: (from: string, to: string) => {
      this.#names.set(to, this.#named(from))
      this.#noteNames((names) => {
        const id = names.get(from)
        if (id !== undefined) names.set(to, id)
      })
    },
    unlinkSync: (path: string) => {
      this.#named(path)
      this.#names.delete(path)
      this.#noteNames((names) => void names.delete(path))
    },
    readFileSync: (path: string) => Buffer.from(this.#named(path).bytes),
    copyFileSync: (from: string, to: string) => {
      const { bytes } = this.#named(from)
      this.#write(this.#create(to), 0, Buffer.from(bytes))
    },
  } as unknown as FileLayer

  #opened(fd: number, what: Inode | 'folder'): number {
    this.#open.set(fd, what)
    return fd
  }

  #inode(fd: number): Inode {
    const inode = this.#open.get(fd)
    if (inode === undefined || inode === 'folder') throw Object.assign(new Error('EBADF'), { code: 'EBADF' })
    return inode
  }

  #named(path: string): Inode {
    const inode = this.#names.get(path)
    if (inode === undefined) throw missing(path)
    return inode
  }

  #create(path: string): Inode {
    const inode = { id: this.#nextId++, bytes: Buffer.alloc(0) }
    this.#names.set(path, inode)
    this.#noteNames((names) => void names.set(path, inode.id))
    return inode
  }

  #write(inode: Inode, at: number, bytes: Buffer): void {
    this.#change(inode, { at, bytes })
  }

  #truncate(inode: Inode, size: number): void {
    this.#change(inode, { size })
  }

  #change(inode: Inode, change: DataChange): void {
    inode.bytes = changed(inode.bytes, change)
    this.#log.push({ kind: 'data', inode: inode.id, change })
  }

  #noteNames(change: (names: Map<string, number>) => void): void {
    this.#log.push({ kind: 'names', change })
  }
}

type Fate = 'kept' | 'lost' | { readonly part: number }

/** Applies what is safe, and of the rest what `fate` says. With `random`, unsafe changes of data come in any order. */
function replay(log: readonly Event[], fate: (kind: 'data' | 'names') => Fate, random?: () => number) {
  let safeNames = 0
  const safeData = new Map<number, number>()
  for (const event of log) {
    if (event.kind === 'namesSynced') safeNames = Math.max(safeNames, event.upTo)
    if (event.kind !== 'synced') continue
    safeData.set(event.inode, Math.max(safeData.get(event.inode) ?? 0, event.upTo))
  }
  const names = new Map<string, number>()
  const data = new Map<number, Buffer>()
  const unsafe: { readonly inode: number; readonly change: DataChange; readonly order: number }[] = []
  for (const [index, event] of log.entries()) {
    if (event.kind === 'names') {
      if (index < safeNames || fate('names') !== 'lost') event.change(names)
    } else if (event.kind === 'data') {
      const { inode, change } = event
      if (index < (safeData.get(inode) ?? 0)) data.set(inode, changed(data.get(inode), change))
      else unsafe.push({ inode, change, order: random?.() ?? index })
    }
  }
  if (random === undefined || random() < 0.3) unsafe.sort((a, b) => a.order - b.order)
  for (const { inode, change } of unsafe) {
    const end = fate('data')
    if (end === 'kept') data.set(inode, changed(data.get(inode), change))
    else if (end !== 'lost') data.set(inode, partlyChanged(data.get(inode), change, end.part))
  }
  for (const id of names.values()) if (!data.has(id)) data.set(id, Buffer.alloc(0))
  return { data, names }
}

function changed(old: Buffer = Buffer.alloc(0), change: DataChange): Buffer {
  if ('size' in change) return resized(old, change.size)
  const bytes = resized(old, Math.max(old.length, change.at + change.bytes.length))
  change.bytes.copy(bytes, change.at)
  return bytes
}

/** A part of a write: its beginning, its end behind a hole, or its length alone, which reads as zeros. */
function partlyChanged(old: Buffer = Buffer.alloc(0), change: DataChange, part: number): Buffer {
  if ('size' in change) return old
  const { at, bytes } = change
  const cut = Math.floor(((part * 3) % 1) * bytes.length)
  if (part < 1 / 3) return changed(old, { at, bytes: bytes.subarray(0, cut) })
  if (part < 2 / 3) return changed(old, { at: at + cut, bytes: bytes.subarray(cut) })
  return resized(old, Math.max(old.length, at + bytes.length))
}

function resized(old: Buffer, size: number): Buffer {
  const bytes = Buffer.alloc(size)
  old.copy(bytes)
  return bytes
}

function missing(path: string): Error {
  return Object.assign(new Error(`ENOENT: no ${basename(path)} on this disk`), { code: 'ENOENT' })
}
