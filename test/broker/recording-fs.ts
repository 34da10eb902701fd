import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { PowerLossDisk } from '../runtime/offsets/power-loss.ts'

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever node:fs has
type AnyFunction = (...args: any[]) => any

/**
 * Tells a disk in memory what is done to the files below a folder, while it is done to the real ones. To be made
 * before what is tested is imported: it may keep functions of node:fs.
 */
export class RecordingFs {
  readonly disk = new PowerLossDisk()
  readonly #fds = new Map<number, number>()
  #folder: string | null = null

  constructor() {
    const { disk } = this
    const files = disk.files
    this.#patch('openSync', (real) => (path: string, flags: string | number, ...rest: unknown[]) => {
      const isNew = !fs.existsSync(path)
      const fd = real(path, flags, ...rest) as number
      if (this.#isWatched(path)) {
        const isFolder = fs.fstatSync(fd).isDirectory()
        const mode = isFolder ? 'r' : flags === 'w' || isNew ? 'w' : 'r+'
        this.#fds.set(fd, files.openSync(path, mode))
      }
      return fd
    })
    this.#patch('closeSync', (real) => (fd: number) => {
      this.#fds.delete(fd)
      return real(fd)
    })
    this.#patch('writeSync', (real) => (fd: number, data: Buffer | string, ...rest: number[]) => {
      const written = real(fd, data, ...rest) as number
      const recorded = this.#fds.get(fd)
      if (recorded !== undefined) {
        const bytes = typeof data === 'string' ? Buffer.from(data) : data
        const [offset = 0, , position = 0] = rest
        files.writeSync(recorded, bytes, offset, written, position)
      }
      return written
    })
    this.#patch('ftruncateSync', (real) => (fd: number, size: number) => {
      real(fd, size)
      if (this.#fds.has(fd)) files.ftruncateSync(this.#fds.get(fd)!, size)
    })
    this.#patch('fdatasync', () => (fd: number, done: (error: Error | null) => void) => {
      if (this.#fds.has(fd)) files.fdatasync(this.#fds.get(fd)!, done)
      else setImmediate(done, null)
    })
    this.#patch('fsyncSync', () => (fd: number) => {
      if (this.#fds.has(fd)) disk.syncNow(this.#fds.get(fd)!)
    })
    for (const name of ['renameSync', 'linkSync'] as const) {
      this.#patch(name, (real) => (from: string, to: string) => {
        real(from, to)
        if (this.#isWatched(to)) files[name](from, to)
      })
    }
    this.#patch('rmSync', (real) => (path: string, options: object) => {
      const isThere = fs.existsSync(path) && fs.statSync(path).isFile()
      real(path, options)
      if (isThere && this.#isWatched(path)) files.unlinkSync(path)
    })
    const openHandle = fs.promises.open
    fs.promises.open = (async (path: string, ...rest: [string]) => {
      const handle = await openHandle(path, ...rest)
      if (!this.#isWatched(path)) return handle
      const recorded = files.openSync(path, 'r')
      handle.sync = async () => disk.syncNow(recorded)
      return handle
    }) as typeof openHandle
    syncBuiltinESMExports()
  }

  /** Only what lies below is recorded. */
  watch(folder: string): void {
    this.#folder = folder
  }

  #isWatched(path: unknown): path is string {
    return typeof path === 'string' && this.#folder !== null && path.startsWith(this.#folder)
  }

  #patch(name: keyof typeof fs, replaced: (real: AnyFunction) => AnyFunction): void {
    const functions = fs as unknown as Record<string, AnyFunction>
    functions[name] = replaced(functions[name]!.bind(fs))
  }
}
