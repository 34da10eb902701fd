import { createHash, randomBytes } from 'node:crypto'
import { closeSync, openSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a unix socket's address holds on every system, without its ending zero. */
const longestSocketPath = 103

/**
 * Keeps a second broker out of a folder. The lock is a socket that is listened on in the folder: it dies with its
 * process, and a leftover of one that was killed is recognised because nobody answers.
 */
export class DirectoryLock {
  readonly #server: Server
  readonly #directoryFd: number

  private constructor(server: Server, directoryFd: number) {
    this.#server = server
    this.#directoryFd = directoryFd
  }

  /** Throws where another process (or another broker of this one) holds the folder. */
  static async take(directory: string): Promise<DirectoryLock> {
    const { path, directoryFd } = socketPath(realpathSync(directory))
    try {
      for (let tries = 0; tries < 5; tries++) {
        const server = await listenOn(path)
        if (server !== null) return new DirectoryLock(server, directoryFd)
        if (await isAnswered(path)) throw lockedError(directory)
        await removeStale(path, directory)
      }
      throw lockedError(directory)
    } catch (error) {
      if (directoryFd >= 0) closeSync(directoryFd)
      throw error
    }
  }

  async release(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
    if (this.#directoryFd >= 0) closeSync(this.#directoryFd)
  }
}

function socketPath(directory: string): { path: string; directoryFd: number } {
  const name = 'broker.lock'
  if (process.platform === 'win32')
    return { path: `\\\\.\\pipe\\tsconnect-${hash(directory)}`, directoryFd: -1 }
  const path = join(directory, name)
  if (Buffer.byteLength(path) <= longestSocketPath) return { path, directoryFd: -1 }
  if (process.platform === 'linux') {
    // A short way to a folder with a long name.
    const directoryFd = openSync(directory, 'r')
    return { path: `/proc/self/fd/${directoryFd}/${name}`, directoryFd }
  }
  return { path: join(tmpdir(), `tsconnect-${hash(directory)}.lock`), directoryFd: -1 }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24)
}

/** The server, or null where the path is taken. */
function listenOn(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null)
      else reject(error)
    })
    server.listen(path, () => resolve(server.unref()))
  })
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/**
 * Two brokers may find the same leftover: it is moved away first and asked again, so that a socket on which the
 * faster one listens by now is put back instead of removed.
 */
async function removeStale(path: string, directory: string): Promise<void> {
  const aside = `${path}.${randomBytes(3).toString('hex')}`
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  if (await isAnswered(aside)) {
    renameSync(aside, path)
    throw lockedError(directory)
  }
  rmSync(aside, { force: true })
}

function lockedError(directory: string): Error {
  return Object.assign(
    new Error(`The folder ${directory} is in use by another broker. Stop that one, or use another folder.`),
    { code: 'ELOCKED' },
  )
}
