import { open, readFile, rename, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { ConnectError, type TopicPartition } from '../../index.ts'

/** By `topic-partition`. */
export type OffsetsByPartition = Readonly<Record<string, number>>

/** The file held exactly the records before these offsets when it was so long. */
export interface Checkpoint {
  readonly length: number
  /** Checksum of the bytes before `length`, to know the file again. */
  readonly tail: number
  readonly offsets: OffsetsByPartition
}

export interface History {
  /** Oldest first. */
  readonly checkpoints: readonly Checkpoint[]
  /** Where checkpoints had been that were given up: the group may have heard of them. */
  readonly undone: OffsetsByPartition
  /** What was asked for over REST since the newest one; null: an offset that was forgotten. */
  readonly altered: Readonly<Record<string, number | null>>
}

type Line = Checkpoint | Pick<History, 'undone'> | Pick<History, 'altered'>

const nothing: History = { checkpoints: [], undone: {}, altered: {} }
/** A week of commits, one a minute, is ten thousand. */
const mostKept = 10_000

export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}

export function checkpointPath(file: string): string {
  return `${file}.checkpoints`
}

/**
 * The checkpoints of one file, in a file beside it: lines of `<crc32> <json>`. A checkpoint counts when `append` has
 * returned, and never before, so that one which the consumer group commits is always there.
 */
export class Checkpoints {
  readonly #path: string
  #history: History
  #handle: FileHandle | null = null
  #size = 0

  /** Throws ConnectError when there is a file and nothing in it can be read. */
  static async open(path: string): Promise<Checkpoints> {
    return new Checkpoints(path, await readHistory(path))
  }

  private constructor(path: string, history: History) {
    this.#path = path
    this.#history = history
  }

  get history(): History {
    return this.#history
  }

  get newest(): Checkpoint | undefined {
    return this.#history.checkpoints.at(-1)
  }

  /** Only behind a first `rewrite`, which leaves a file without torn or damaged lines. */
  async append(checkpoint: Checkpoint): Promise<void> {
    const checkpoints = [...this.#history.checkpoints, checkpoint]
    if (checkpoints.length > mostKept) return this.rewrite(checkpoints.slice(-mostKept / 2))
    const line = encode(checkpoint)
    const handle = this.#handle!
    await handle.truncate(this.#size)
    await writeWhole(handle, line, this.#size)
    await handle.datasync()
    this.#size += line.length
    this.#history = { ...this.#history, checkpoints, altered: {} }
  }

  /** Replaces all of them at once. */
  async rewrite(checkpoints: readonly Checkpoint[]): Promise<void> {
    const undone = ahead(this.#history, checkpoints.at(-1)!)
    const bytes = Buffer.concat([encode({ undone }), ...checkpoints.map(encode)])
    const handle = await open(`${this.#path}.new`, 'w')
    try {
      await writeWhole(handle, bytes, 0)
      await handle.datasync()
      await rename(`${this.#path}.new`, this.#path)
      await syncFolderOf(this.#path)
    } catch (error) {
      await handle.close()
      throw error
    }
    await this.#handle?.close()
    this.#handle = handle
    this.#size = bytes.length
    this.#history = { checkpoints, undone, altered: {} }
  }

  async close(): Promise<void> {
    await this.#handle?.close()
    this.#handle = null
  }
}

/** Notes that somebody sets the group's offsets on purpose. Without checkpoints there is nothing to note. */
export async function noteAltered(
  path: string,
  offsets: readonly (TopicPartition & { readonly offset: number | null })[],
): Promise<void> {
  const { checkpoints } = await readHistory(path)
  if (checkpoints.length === 0) return
  const altered = Object.fromEntries(offsets.map((each) => [partitionKey(each), each.offset]))
  const handle = await open(path, 'a')
  try {
    // A line that a crash cut in half stays what it is.
    await handle.appendFile(Buffer.concat([Buffer.from('\n'), encode({ altered })]))
    await handle.datasync()
  } finally {
    await handle.close()
  }
}

export async function syncFolderOf(path: string): Promise<void> {
  let folder: FileHandle
  try {
    folder = await open(dirname(path), 'r')
  } catch (error) {
    if (cannotSyncFolders(error)) return
    throw error
  }
  try {
    await folder.sync()
  } catch (error) {
    if (!cannotSyncFolders(error)) throw error
  } finally {
    await folder.close()
  }
}

function cannotSyncFolders(error: unknown): boolean {
  return ['EACCES', 'EBADF', 'EINVAL', 'EISDIR', 'ENOTSUP', 'EPERM'].includes(
    (error as NodeJS.ErrnoException).code ?? '',
  )
}

async function readHistory(path: string): Promise<History> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw new ConnectError(`Cannot read ${path}, the checkpoints of a file sink: ${error.message}`, {
      cause: error,
    })
  })
  if (bytes === null) return nothing
  const history = decode(bytes)
  if (history.checkpoints.length > 0) return history
  throw new ConnectError(
    `Nothing in ${path}, the checkpoints of a file sink, can be read. To go on from the offsets of the consumer group ` +
      'with the file as it is, remove it.',
  )
}

/** Offsets of the past that the newest checkpoint does not reach. */
function ahead({ checkpoints, undone }: History, newest: Checkpoint): OffsetsByPartition {
  const highest = { ...undone, ...newest.offsets }
  for (const offsets of [undone, ...checkpoints.map((each) => each.offsets)]) {
    for (const [key, offset] of Object.entries(offsets)) highest[key] = Math.max(highest[key] ?? 0, offset)
  }
  return Object.fromEntries(
    Object.entries(highest).filter(([key, offset]) => offset > (newest.offsets[key] ?? -1)),
  )
}

function encode(content: Line): Buffer {
  const json = JSON.stringify(content)
  return Buffer.from(`${checksum(json)} ${json}\n`)
}

/** What is damaged is left out: of the others every one is true by itself. */
function decode(bytes: Buffer): History {
  const checkpoints: Checkpoint[] = []
  let undone: OffsetsByPartition = {}
  let altered: History['altered'] = {}
  for (const line of bytes.toString('utf8').split('\n').slice(0, -1)) {
    const json = line.slice(9)
    if (line.slice(0, 9) !== `${checksum(json)} `) continue
    const content = JSON.parse(json) as Line
    if ('undone' in content) {
      undone = content.undone
    } else if ('altered' in content) {
      altered = { ...altered, ...content.altered }
    } else {
      checkpoints.push(content)
      altered = {}
    }
  }
  return { checkpoints, undone, altered }
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}

async function writeWhole(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;)
    done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten
}
