import { copyFileSync, existsSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { OffsetFileError } from '../../../src/runtime/offsets/errors.ts'
import { writeJavaOffsets } from '../../../src/runtime/offsets/java-offsets.ts'
import { encodeBatch, encodeHeader } from '../../../src/runtime/offsets/journal-format.ts'
import { recover } from '../../../src/runtime/offsets/recovery.ts'
import { key, openJournal, position, recordingLog, temporaryFolder } from './support.ts'

const header = (entries: number, version = 1) =>
  encodeHeader({ version, worker: 'w', generation: 2, entries })
const batch = (seq: number, ...set: [string, string | null][]) => encodeBatch({ seq, at: 0, set })

// Three keys: one only in the body, one written twice, one in the snapshot of the compaction.
const lines = [
  header(1),
  batch(1, ['snapshot', '1']),
  batch(2, ['body', '1'], ['twice', '1']),
  batch(3, ['twice', '2']),
]
const main = Buffer.concat(lines)
const previous = Buffer.concat([header(0), batch(1, ['snapshot', '0'], ['twice', '0'])])

function recovering(bytes: { main: Buffer | null; previous?: Buffer | null }, acceptLostOffsets = false) {
  const { log, lines: logged } = recordingLog()
  const result = recover({ previous: null, ...bytes }, { path: '/o', log, acceptLostOffsets })
  return { ...result, logged: logged.join('') }
}

/** Where line `index` begins. */
const start = (index: number) => lines.slice(0, index).reduce((sum, line) => sum + line.length, 0)

describe('a journal cut at any byte', () => {
  let intact: ReturnType<typeof recovering>
  beforeAll(() => {
    intact = recovering({ main })
  })

  test('is whole to begin with', () => {
    expect(Object.fromEntries(intact.entries)).toEqual({ snapshot: '1', body: '1', twice: '2' })
    expect(intact.logged).toBe('')
    expect(intact.next).toEqual({ kind: 'append', intactLength: main.length, lacksLineEnd: false })
  })

  test('gives the lines before the cut, and is never silent about a torn one', () => {
    for (let length = 1; length < main.length; length++) {
      const cut = main.subarray(0, length)
      const whole = lines.filter((_, index) => start(index + 1) - 1 <= length).length
      if (whole === 0) {
        expect(() => recovering({ main: cut }), `cut at ${length}`).toThrow(OffsetFileError)
        expect(recovering({ main: cut }, true).entries.size).toBe(0)
        continue
      }
      if (whole === 1) {
        // The header promises a line that is not there, and nothing else is.
        expect(() => recovering({ main: cut }), `cut at ${length}`).toThrow('no offset in it is left')
        continue
      }
      const { entries, logged } = recovering({ main: cut })
      expect(entries.get('snapshot')).toBe('1')
      expect(entries.get('body'), `cut at ${length}`).toBe(whole > 2 ? '1' : undefined)
      const isAtLineEnd = start(whole) === length || start(whole) - 1 === length
      expect(logged === '', `cut at ${length}`).toBe(isAtLineEnd)
    }
  })

  test('falls back to the previous generation where nothing is left', () => {
    for (const cut of [null, Buffer.alloc(0), main.subarray(0, 10), main.subarray(0, start(1) + 5)]) {
      const { entries, logged } = recovering({ main: cut, previous })
      expect(entries.get('snapshot')).toBe('0')
      expect(logged).toContain('ERROR')
    }
  })
})

describe('a journal with a flipped bit', () => {
  test('loses at most the line that was hit, loudly', () => {
    for (let at = 0; at < main.length; at++) {
      for (const bit of [0, 3, 7]) {
        const flipped = Buffer.from(main)
        flipped[at]! ^= 1 << bit
        const { entries, logged, next } = recovering({ main: flipped })
        const hit = lines.findIndex((_, index) => at < start(index + 1))
        const what = `bit ${bit} of byte ${at}, line ${hit}`
        if (hit !== 1) expect(entries.get('snapshot'), what).toBe('1')
        if (hit !== 2) expect(entries.get('body'), what).toBe('1')
        if (hit !== 3) expect(entries.get('twice'), what).toBe('2')
        expect(logged, what).not.toBe('')
        expect(['append', 'rewrite']).toContain(next.kind)
      }
    }
  })

  test('asks the previous generation only for keys that have no intact line', () => {
    const damaged = Buffer.from(main)
    damaged[start(1) + 30]! ^= 1
    const { entries, logged, next } = recovering({ main: damaged, previous })
    expect(Object.fromEntries(entries)).toEqual({ snapshot: '0', body: '1', twice: '2' })
    expect(logged).toContain('ERROR')
    expect(logged).toContain('line 2 does not match its checksum')
    expect(next).toEqual({ kind: 'rewrite', keepAs: 'damaged' })
  })
})

describe('other damage', () => {
  test('blocks of zeros are passed over', () => {
    const zeros = Buffer.alloc(4096)
    const { entries, logged } = recovering({ main: Buffer.concat([...lines.slice(0, 3), zeros, lines[3]!]) })
    expect(Object.fromEntries(entries)).toEqual({ snapshot: '1', body: '1', twice: '2' })
    expect(logged).toContain('ERROR')
    const tail = recovering({ main: Buffer.concat([main, zeros]) })
    expect(tail.entries.get('twice')).toBe('2')
    expect(tail.logged).toContain('4096 bytes were cut off')
    expect(tail.next).toMatchObject({ kind: 'append', intactLength: main.length })
  })

  test('a file of zeros alone is refused until lost offsets are accepted', () => {
    expect(() => recovering({ main: Buffer.alloc(100) })).toThrow('--accept-lost-offsets')
    expect(recovering({ main: Buffer.alloc(100) }, true).next).toEqual({ kind: 'rewrite', keepAs: 'damaged' })
  })

  test('a line that is missing from the middle is noticed', () => {
    const { entries, logged } = recovering({
      main: Buffer.concat([lines[0]!, lines[1]!, lines[3]!]),
      previous,
    })
    expect(entries.get('body')).toBeUndefined()
    expect(logged).toContain('1 missing before the one with seq 3')
  })

  test('a foreign file is refused', () => {
    expect(() => recovering({ main: Buffer.from('this is not an offsets file\n') })).toThrow(OffsetFileError)
  })

  test('a newer format is refused whatever is accepted', () => {
    expect(() => recovering({ main: header(0, 2) }, true)).toThrow('has format 2')
  })

  test('an empty file without a previous generation is a fresh start', () => {
    for (const nothing of [null, Buffer.alloc(0)]) {
      const { entries, logged } = recovering({ main: nothing })
      expect([entries.size, logged]).toEqual([0, ''])
    }
  })
})

describe('opening after damage', () => {
  async function written() {
    const path = join(temporaryFolder(), 'o')
    const journal = await openJournal(path)
    journal.put([[key('a'), position(1)]])
    journal.put([[key('b'), position(2)]])
    await journal.close()
    return path
  }

  test('cuts a torn tail and goes on behind it', async () => {
    const path = await written()
    writeFileSync(path, readFileSync(path).subarray(0, -3))
    const journal = await openJournal(path)
    expect(journal.get(key('b'))).toBeUndefined()
    journal.put([[key('c'), position(3)]])
    await journal.close()
    const { log, lines: logged } = recordingLog()
    expect(Object.fromEntries((await openJournal(path, { log })).entries())).toEqual({
      [key('a')]: position(1),
      [key('c')]: position(3),
    })
    expect(logged).toEqual([])
  })

  test('goes on behind a last line that lacks only its end', async () => {
    const path = await written()
    writeFileSync(path, readFileSync(path).subarray(0, -1))
    const journal = await openJournal(path)
    journal.put([[key('c'), position(3)]])
    await journal.close()
    const { log, lines: logged } = recordingLog()
    expect([...(await openJournal(path, { log })).entries()]).toHaveLength(3)
    expect(logged).toEqual([])
  })

  test('writes a clean file and keeps the damaged one', async () => {
    const path = await written()
    const damaged = readFileSync(path)
    damaged[damaged.length - 5]! ^= 1
    writeFileSync(path, damaged)
    await (await openJournal(path)).close()
    expect(readFileSync(`${path}.damaged`)).toEqual(damaged)
    const { log, lines: logged } = recordingLog()
    expect([...(await openJournal(path, { log })).entries()]).toEqual([[key('a'), position(1)]])
    expect(logged).toEqual([])
  })

  test('uses the previous generation when a crash left only that', async () => {
    const path = await written()
    renameSync(path, `${path}.1`)
    const { log, lines: logged } = recordingLog()
    const journal = await openJournal(path, { log })
    expect(journal.get(key('b'))).toBe(position(2))
    expect(logged.join('')).toContain('is missing')
    await journal.close()
    unlinkSync(`${path}.1`)
    expect((await openJournal(path)).get(key('b'))).toBe(position(2))
  })
})

describe("Kafka Connect's own file", () => {
  const entries = [
    [key('a'), position(28)],
    [key('b'), null],
  ] as const

  test('is imported once, and the original kept', async () => {
    const path = join(temporaryFolder(), 'o')
    const original = writeJavaOffsets(entries)
    writeFileSync(path, original)
    const journal = await openJournal(path)
    expect([...journal.entries()]).toEqual(entries)
    journal.put([[key('a'), position(30)]])
    await journal.close()
    expect(readFileSync(`${path}.java.bak`)).toEqual(original)
    expect((await openJournal(path)).get(key('a'))).toBe(position(30))
    expect(existsSync(`${path}.java.bak.2`)).toBe(false)
  })

  test('is kept under another name when a different one was imported before', async () => {
    const path = join(temporaryFolder(), 'o')
    writeFileSync(`${path}.java.bak`, 'earlier')
    writeFileSync(path, writeJavaOffsets(entries))
    await openJournal(path)
    expect(readFileSync(`${path}.java.bak`, 'utf8')).toBe('earlier')
    expect(readFileSync(`${path}.java.bak.2`)).toEqual(writeJavaOffsets(entries))
  })

  test('cut short keeps the worker from starting, and says what can be saved', async () => {
    const path = join(temporaryFolder(), 'o')
    writeFileSync(path, writeJavaOffsets(entries).subarray(0, -3))
    copyFileSync(path, `${path}.copy`)
    await expect(openJournal(path)).rejects.toThrow(`1 of 2 offsets can be saved: ${key('a')}`)
    expect(readFileSync(path)).toEqual(readFileSync(`${path}.copy`))
    const journal = await openJournal(path, { acceptLostOffsets: true })
    expect([...journal.entries()]).toEqual([entries[0]])
  })
})
