import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { OffsetFileLockedError } from '../../../src/runtime/offsets/errors.ts'
import { FileLock } from '../../../src/runtime/offsets/lock.ts'
import { recordingLog, temporaryFolder } from './support.ts'

const { log } = recordingLog()

/** Another process that holds the lock of a file, in plain JavaScript: the protocol, not our code, is what counts. */
async function holderProcess(folder: string, name: string): Promise<ChildProcess> {
  const script = join(folder, 'holder.mjs')
  writeFileSync(
    script,
    `import { createServer } from 'node:net'
     const answer = JSON.stringify({ state: 'held', pid: process.pid, host: 'elsewhere' })
     createServer((socket) => socket.end(answer)).listen(${JSON.stringify(join(folder, name))}, () => process.send('ready'))`,
  )
  const child = fork(script)
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child, 'message')
  return child
}

describe('FileLock', () => {
  test('is held by one at a time and can be taken again after its release', async () => {
    const path = join(temporaryFolder(), 'o')
    const first = await FileLock.acquire(path, log)
    await expect(FileLock.acquire(path, log)).rejects.toThrow(
      `The offset file ${path} is in use by process ${process.pid},`,
    )
    first.release()
    ;(await FileLock.acquire(path, log)).release()
    expect(readdirSync(join(path, '..'))).toEqual([])
  })

  test('goes to exactly one of many that start at once', async () => {
    const path = join(temporaryFolder(), 'o')
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => FileLock.acquire(path, log)))
    const winners = results.filter((result) => result.status === 'fulfilled')
    expect(winners).toHaveLength(1)
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(OffsetFileLockedError)
    }
    winners[0]!.value.release()
  })

  test('names the process that holds it, and is free as soon as that one is killed', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'o')
    const child = await holderProcess(folder, '.o.lock-0123456789abcdef')
    await expect(FileLock.acquire(path, log)).rejects.toMatchObject({ holderPid: child.pid })
    await expect(FileLock.acquire(path, log)).rejects.toThrow('on elsewhere')
    child.kill('SIGKILL')
    await once(child, 'exit')
    ;(await FileLock.acquire(path, log)).release()
    expect(readdirSync(folder)).toEqual(['holder.mjs'])
  })

  test('is still held by a process that has been stopped', async () => {
    const folder = temporaryFolder()
    const child = await holderProcess(folder, '.o.lock-0123456789abcdef')
    child.kill('SIGSTOP')
    await expect(FileLock.acquire(join(folder, 'o'), log)).rejects.toThrow('is in use by another process')
  })

  test('leaves files alone that only look like a lock', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, '.o.lock-notes'), '')
    ;(await FileLock.acquire(join(folder, 'o'), log)).release()
    expect(readdirSync(folder)).toEqual(['.o.lock-notes'])
  })

  test('locks the file, not its folder', async () => {
    const folder = temporaryFolder()
    const locks = await Promise.all(
      ['a', 'b', 'a.b'].map((name) => FileLock.acquire(join(folder, name), log)),
    )
    for (const lock of locks) lock.release()
  })

  test('works for paths longer than a socket address', async () => {
    const folder = join(temporaryFolder(), 'd'.repeat(120))
    mkdirSync(folder)
    for (const name of ['o', 'f'.repeat(200)]) {
      const first = await FileLock.acquire(join(folder, name), log)
      await expect(FileLock.acquire(join(folder, name), log)).rejects.toThrow('is in use')
      first.release()
    }
  })
})
