import * as fs from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { offsetHistory } from '../../../src/runtime/offsets/history.ts'
import type { FileLayer } from '../../../src/runtime/offsets/journal-file.ts'
import { writeJavaOffsets } from '../../../src/runtime/offsets/java-offsets.ts'
import { key, openJournal, position, recordingLog, temporaryFolder } from './support.ts'

/**
 * What a kill would leave behind, at every call to the file system: a copy of the folder before each call that changes
 * something, and halfway through each write.
 */
function crashingLayer(folder: string, images: string, state: () => number) {
  const found: { readonly folder: string; readonly state: number }[] = []
  const capture = () => {
    const image = join(images, String(found.length))
    fs.mkdirSync(image)
    for (const name of fs.readdirSync(folder)) {
      const file = join(folder, name)
      if (fs.statSync(file).isFile()) fs.copyFileSync(file, join(image, name))
    }
    found.push({ folder: image, state: state() })
  }
  const wrapped = Object.fromEntries(
    (['openSync', 'ftruncateSync', 'renameSync', 'linkSync', 'unlinkSync', 'copyFileSync'] as const).map(
      (name) => [
        name,
        (...parameters: never[]) => {
          capture()
          return (fs[name] as (...all: never[]) => unknown)(...parameters)
        },
      ],
    ),
  )
  const writeSync = ((fd: number, bytes: Buffer, offset: number, length: number, at: number) => {
    capture()
    if (length < 2) return fs.writeSync(fd, bytes, offset, length, at)
    const half = fs.writeSync(fd, bytes, offset, length >> 1, at)
    return half
  }) as FileLayer['writeSync']
  return { files: { ...fs, ...wrapped, writeSync } as FileLayer, found }
}

async function offsetsOf(folder: string) {
  const { log, lines } = recordingLog()
  const journal = await openJournal(join(folder, 'o'), { log })
  const entries = Object.fromEntries(journal.entries())
  await journal.close()
  return { entries, logged: lines.join('') }
}

describe('a kill at any call to the file system', () => {
  test('loses nothing whose put had returned, through compactions and restarts', async () => {
    const folder = temporaryFolder()
    let returned = -1
    const { files, found } = crashingLayer(folder, temporaryFolder(), () => returned)
    for (let restart = 0; restart < 3; restart++) {
      const journal = await openJournal(join(folder, 'o'), { files, compactAbove: 600 })
      for (let round = 0; round < 12; round++) {
        journal.put([
          [key('a'), position(returned + 1)],
          [key('b'), position(returned + 1)],
        ])
        returned++
        if (round % 3 === 0) await journal.flush()
      }
      await journal.close()
    }
    expect(found.length).toBeGreaterThan(150)

    for (const { folder: image, state } of found) {
      const { entries, logged } = await offsetsOf(image)
      // The put under way may be there or not, but never one half of it.
      const possible = [state, state + 1].map((at) =>
        at < 0 ? {} : { [key('a')]: position(at), [key('b')]: position(at) },
      )
      expect(possible).toContainEqual(entries)
      expect(logged).not.toContain('ERROR')
    }
  })

  test("loses nothing of Kafka Connect's file while it is imported", async () => {
    const folder = temporaryFolder()
    fs.writeFileSync(join(folder, 'o'), writeJavaOffsets([[key('a'), position(28)]]))
    const { files, found } = crashingLayer(folder, temporaryFolder(), () => 0)
    await (await openJournal(join(folder, 'o'), { files })).close()
    expect(found.length).toBeGreaterThan(5)
    for (const { folder: image } of found) {
      expect((await offsetsOf(image)).entries).toEqual({ [key('a')]: position(28) })
      expect(fs.readFileSync(join(image, 'o.java.bak'))).toEqual(writeJavaOffsets([[key('a'), position(28)]]))
    }
  })
})

test('offsetHistory tells the changes that are still known, and what was there before', async () => {
  const path = join(temporaryFolder(), 'o')
  let now = 1000
  const journal = await openJournal(path, { now: () => now++, compactAbove: 400 })
  for (let at = 1; at <= 20; at++) {
    journal.put([[key('a'), position(at)]])
    await journal.flush()
  }
  const history = offsetHistory(path)
  expect(history.at(-1)).toMatchObject({ key: key('a'), value: position(20), before: position(19) })
  const values = history.map(({ value }) => value)
  expect(new Set(values).size).toBe(values.length)
})
