import { write as writeFd } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { ConnectError, toError } from '../../index.ts'

/** Where a file sink's lines go. */
export interface Output {
  /** Throws WriteError when not everything could be written. */
  write(bytes: Buffer): Promise<void>
  /** Takes back what was written last, where that is possible. */
  retract(bytes: Buffer): Promise<void>
  /** Makes what was written durable. */
  sync(): Promise<void>
  close(): Promise<void>
}

export class WriteError extends ConnectError {
  override name = 'WriteError'
  /** How many of the bytes got out. */
  readonly written: number

  constructor(message: string, written: number, cause: unknown) {
    super(message, { cause })
    this.written = written
  }
}

/** Opens for appending; creates the file but not its folder. */
export async function openFile(file: string): Promise<Output> {
  let handle: FileHandle
  try {
    handle = await open(file, 'a+')
  } catch (cause) {
    throw new ConnectError(
      `Couldn't find or create file '${file}' for FileStreamSinkTask: ${toError(cause).message}`,
      {
        cause,
      },
    )
  }
  const isRegular = (await handle.stat()).isFile()
  let mayBeTorn = isRegular
  return {
    async write(bytes) {
      // A worker that was killed while it wrote leaves half a line, which must not swallow the next record.
      if (mayBeTorn && (await isTorn(handle))) await handle.write(lineEnd)
      mayBeTorn = false
      await writeAll(bytes, `the file ${file}`, (rest) => handle.write(rest))
    },
    async retract(bytes) {
      if (bytes.length === 0 || !isRegular) return
      const { size } = await handle.stat()
      const tail = Buffer.alloc(bytes.length)
      await handle.read(tail, 0, tail.length, size - bytes.length)
      // Another task may have appended since: then the fragment stays.
      if (tail.equals(bytes)) await handle.truncate(size - bytes.length)
    },
    async sync() {
      if (isRegular) await handle.datasync()
    },
    close: () => handle.close(),
  }
}

const lineEnd = Buffer.from('\n')

/** Whether the last line of the file has no end. */
async function isTorn(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat()
  if (size === 0) return false
  const last = Buffer.alloc(1)
  await handle.read(last, 0, 1, size - 1)
  return !last.equals(lineEnd)
}

/** Standard output; it is never closed. */
export function openStdout(fd = 1): Output {
  return {
    write: (bytes) => writeAll(bytes, 'standard output', (rest) => writeAsync(fd, rest)),
    retract: async () => {},
    sync: async () => {},
    close: async () => {},
  }
}

const writeAsync = promisify(writeFd) as unknown as (
  fd: number,
  bytes: Buffer,
) => Promise<{ bytesWritten: number }>

/** Throws WriteError. `write` takes what is left and says how much of it got out. */
export async function writeAll(
  bytes: Buffer,
  where: string,
  write: (rest: Buffer) => Promise<{ bytesWritten: number }>,
): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    try {
      written += (await write(bytes.subarray(written))).bytesWritten
    } catch (thrown) {
      const error = toError(thrown) as NodeJS.ErrnoException
      if (error.code === 'EAGAIN') {
        // A terminal or pipe in non-blocking mode that is full.
        await delay(5)
        continue
      }
      throw new WriteError(explain(error, where), written, error)
    }
  }
}

function explain(error: NodeJS.ErrnoException, where: string): string {
  switch (error.code) {
    case 'EPIPE':
      return `Cannot write to ${where}: its reader has closed it.`
    case 'ENOSPC':
    case 'EDQUOT':
      return `Cannot write to ${where}: no space is left. Free some and restart the task; offsets of what is not written are not committed.`
    default:
      return `Cannot write to ${where}: ${error.message}`
  }
}
