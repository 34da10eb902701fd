/**
 * Preloaded into the worker (`node --import`): the disk of one file is full while a flag file is there, or the process
 * dies between two calls that write it. TSCONNECT_FAULTY_DISK names a file with a FaultyDisk, read at the start.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import type { FaultyDisk } from './faulty-disk.ts'

type Call = (...args: unknown[]) => unknown

const { target, fullWhile, fullCalls, killBefore } = JSON.parse(
  fs.readFileSync(process.env['TSCONNECT_FAULTY_DISK']!, 'utf8'),
) as FaultyDisk
const files = fs as unknown as Record<string, Call>
/** Open files whose path begins with the target's; those of a log are there from the start. */
const open = new Set<unknown>(target === 'log' ? [1, 2] : [])
/** Calls since the worker last began to write a new generation; -1: it has not. */
let since = -1

const isTarget = (subject: unknown) =>
  open.has(subject) || (typeof subject === 'string' && target !== 'log' && subject.startsWith(target))
const isFull = (call: string) => fullCalls.includes(call) && fs.existsSync(fullWhile)

/** A file that is there can be opened on a full disk. */
const needsRoom = (call: string, [path, flags]: unknown[]) =>
  call !== 'openSync' || (String(flags).startsWith('w') && !fs.existsSync(String(path)))

function noSpace(call: string): Error {
  return Object.assign(new Error(`ENOSPC: no space left on device, ${call}`), {
    code: 'ENOSPC',
    syscall: call,
  })
}

function die(): never {
  process.kill(process.pid, 'SIGKILL')
  // The signal is on its way; nothing more may reach the disk.
  for (;;);
}

for (const name of [
  'openSync',
  'writeSync',
  'ftruncateSync',
  'fdatasync',
  'fsync',
  'closeSync',
  'renameSync',
  'linkSync',
  'unlinkSync',
  'copyFileSync',
]) {
  const original = files[name]!
  files[name] = (...args) => {
    const [subject] = args
    if (!isTarget(subject)) return original(...args)
    if (name === 'openSync' && String(subject).endsWith('.new')) since = Math.max(since, 0)
    if (killBefore !== null && since >= 0 && since++ === killBefore) {
      if (name === 'writeSync' && args[1] instanceof Uint8Array) halfOf(original, args)
      die()
    }
    if (isFull(name) && needsRoom(name, args)) {
      if (name === 'writeSync') halfOf(original, args)
      const done = args.at(-1)
      if (typeof done !== 'function') throw noSpace(name)
      setImmediate(() => (done as (error: Error) => void)(noSpace(name)))
      return
    }
    const result = original(...args)
    if (name === 'openSync') open.add(result)
    if (name === 'closeSync') open.delete(subject)
    return result
  }
}
syncBuiltinESMExports()

/** What a disk that fills up, or a kill, leaves of a write. */
function halfOf(write: Call, [fd, bytes, offset, length, at]: unknown[]): void {
  if (bytes instanceof Uint8Array && typeof length === 'number') write(fd, bytes, offset, length >> 1, at)
}
