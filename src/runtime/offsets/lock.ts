import { createHash, randomBytes } from 'node:crypto'
import { existsSync, openSync, closeSync, readdirSync, renameSync, unlinkSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../../util/logger.ts'
import { OffsetFileLockedError } from './errors.ts'

/**
 * A lock on a file that dies with its process, whatever ends it, and that works between containers sharing a folder: a
 * Unix socket listened on beside the file, `.<name>.lock-<random>`.
 *
 * Whoever wants the lock puts up a socket of its own and then asks all others that answer. One that holds the file wins;
 * of several that are still trying, the one with the lowest name waits for the others to give up or to turn out to hold
 * it. Names are never used twice, so a socket that nobody answers on can be removed without a race.
 */
export class FileLock {
  readonly #release: () => void

  private constructor(release: () => void) {
    this.#release = release
  }

  /** Throws OffsetFileLockedError. Where no socket can be made, warns and goes on without a lock. */
  static async acquire(path: string, log: Logger): Promise<FileLock> {
    let problem: unknown
    for (const place of [besideFile(path), inTemporaryFolder(path)]) {
      try {
        return new FileLock(await contend(path, place))
      } catch (thrown) {
        if (thrown instanceof OffsetFileLockedError) throw thrown
        problem = thrown
      } finally {
        place.close()
      }
    }
    log.warn(
      `The offset file ${path} could not be locked, because no Unix socket can be made beside it or in the temporary ` +
        `folder (${(problem as Error).message}). Make sure that no other worker uses the same file.`,
    )
    return new FileLock(() => {})
  }

  release(): void {
    this.#release()
  }
}

interface Place {
  readonly folder: string
  /** The folder as used for sockets, whose paths are limited to about 100 bytes. */
  readonly shortFolder: string
  readonly prefix: string
  close(): void
}

const maxPath = 100
const suffixLength = 16

function besideFile(path: string): Place {
  const folder = dirname(path)
  const name = `.${basename(path)}.lock-`
  const prefix = Buffer.byteLength(name) <= 60 ? name : `.${hash(basename(path))}.lock-`
  const isShort = Buffer.byteLength(join(folder, prefix)) + suffixLength <= maxPath
  if (isShort || !existsSync('/proc/self/fd')) return { folder, shortFolder: folder, prefix, close() {} }
  // The same folder by the short name that Linux has for an open one.
  const open = openSync(folder, 'r')
  return { folder, shortFolder: `/proc/self/fd/${open}`, prefix, close: () => closeSync(open) }
}

function inTemporaryFolder(path: string): Place {
  const folder = tmpdir()
  return { folder, shortFolder: folder, prefix: `.tsconnect-${hash(path)}.lock-`, close() {} }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

interface Answer {
  readonly state: 'trying' | 'held' | 'leaving' | 'unknown'
  readonly pid: number | null
  readonly host: string | null
}

async function contend(path: string, place: Place): Promise<() => void> {
  const own = place.prefix + randomBytes(suffixLength / 2).toString('hex')
  const answer = { state: 'trying' as Answer['state'], pid: process.pid, host: hostname() }
  const server = await listen(place, own, () => JSON.stringify(answer))
  const release = () => {
    server.close()
    remove(join(place.folder, own))
  }
  try {
    for (const other of others(place, own)) await outlive(path, place, own, other)
    answer.state = 'held'
    return release
  } catch (thrown) {
    release()
    throw thrown
  }
}

/** Listens under a name that nobody asks, then takes the real one: a socket that can be seen can be connected to. */
function listen(place: Place, name: string, answer: () => string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.unref()
    socket.end(answer())
  })
  const hidden = name.replace('.lock-', '.new-')
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(join(place.shortFolder, hidden), () => {
      try {
        renameSync(join(place.folder, hidden), join(place.folder, name))
      } catch (thrown) {
        server.close()
        reject(thrown as Error)
        return
      }
      server.unref()
      resolve(server)
    })
  })
}

function others(place: Place, own: string): string[] {
  // Nothing but sockets of this protocol: those that do not answer are removed.
  const isLock = (name: string) =>
    name.startsWith(place.prefix) && /^[\da-f]{16}$/.test(name.slice(place.prefix.length))
  return readdirSync(place.folder).filter((name) => isLock(name) && name !== own)
}

/** Returns when the other one is gone; throws when it has, or will get, the lock. */
async function outlive(path: string, place: Place, own: string, other: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const answer = await ask(join(place.shortFolder, other))
    if (answer === null) {
      remove(join(place.folder, other))
      return
    }
    const mayGiveUp = answer.state === 'leaving' || (answer.state === 'trying' && own < other)
    if (!mayGiveUp || tries > 100) throw locked(path, join(place.folder, other), answer)
    await delay(20)
  }
}

/** What the process behind the socket says; null when there is none. One that does not answer in time is alive. */
function ask(socketPath: string): Promise<Answer | null> {
  return new Promise((resolve) => {
    let text = ''
    const silent: Answer = { state: 'unknown', pid: null, host: null }
    const socket = connect(socketPath)
    const end = (answer: Answer | null) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setEncoding('utf8')
    socket.setTimeout(500, () => end(silent))
    socket.on('data', (chunk) => (text += String(chunk)))
    socket.on('end', () => end(parseAnswer(text) ?? silent))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const isDead = ['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'].includes(error.code ?? '')
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') end({ ...silent, state: 'leaving' })
      else end(isDead ? null : silent)
    })
  })
}

function parseAnswer(text: string): Answer | null {
  try {
    return JSON.parse(text) as Answer
  } catch {
    return null
  }
}

function locked(path: string, lock: string, { pid, host }: Answer): OffsetFileLockedError {
  const holder =
    pid === null ? 'another process' : `process ${pid}${host === hostname() ? '' : ` on ${host}`}`
  return new OffsetFileLockedError(
    `The offset file ${path} is in use by ${holder}, whose lock is ${lock}. Two workers cannot share it: stop the other one, or give this one ` +
      'a file of its own (offset.storage.file.filename).',
    pid,
  )
}

function remove(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // Gone already.
  }
}
