import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Journal } from '../../src/broker/journal.ts'
import type { JournalEntry } from '../../src/broker/journal-entries.ts'
import { toChecksummedLine } from '../../src/broker/checksummed-line.ts'
import { capturedLog, temporaryFolder } from './open-broker.ts'

const entry = (next: number): JournalEntry => ({ type: 'producer-ids', next })
const format: JournalEntry = { type: 'format', version: 1, clusterId: 'c' }

function openJournal(path = join(temporaryFolder(), 'journal.jsonl')) {
  const { log, lines } = capturedLog()
  const journal = new Journal(path, log)
  return { journal, lines, path }
}

describe('the journal', () => {
  test('gives back what was written, over generations', async () => {
    const { journal, path } = openJournal()
    expect(journal.read()).toEqual([])
    journal.start(() => [format])
    journal.append(entry(1))
    await journal.close()
    const second = openJournal(path)
    expect(second.journal.read()).toEqual([format, entry(1)])
    second.journal.start(() => [format, entry(1)])
    second.journal.append(entry(2))
    await second.journal.close()
    expect(openJournal(path).journal.read()).toEqual([format, entry(1), entry(2)])
  })

  test('loses nothing but the last line, wherever it was cut off', async () => {
    const { journal, path } = openJournal()
    journal.start(() => [format])
    journal.append(entry(1))
    journal.append(entry(2))
    await journal.close()
    const text = readFileSync(path, 'utf8')
    const lastLine = toChecksummedLine(entry(2)).length
    for (let cut = 1; cut <= lastLine; cut++) {
      const torn = join(temporaryFolder(), 'journal.jsonl')
      writeFileSync(torn, text.slice(0, -cut))
      const { journal: opened, lines } = openJournal(torn)
      expect(opened.read()).toEqual([format, entry(1)])
      expect(lines.length).toBe(cut === lastLine ? 0 : 1)
    }
  })

  test('leaves out a damaged line with a message and asks the generation before', async () => {
    const { journal, path } = openJournal()
    journal.start(() => [format, entry(1)])
    await journal.close()
    const second = openJournal(path)
    second.journal.start(() => [format, entry(5)])
    await second.journal.close()
    writeFileSync(path, readFileSync(path, 'utf8').replace('"next":5', '"next":6'))
    const third = openJournal(path)
    expect(third.journal.read()).toEqual([format, entry(1), format])
    expect(third.lines.join('')).toMatch(/ERROR .*Line 2 of the journal/)
  })

  test('takes the generation before when the file is empty', async () => {
    const { journal, path } = openJournal()
    journal.start(() => [format, entry(1)])
    journal.append(entry(2))
    await journal.close()
    const second = openJournal(path)
    second.journal.start(() => second.journal.read())
    await second.journal.close()
    writeFileSync(path, '')
    const third = openJournal(path)
    expect(third.journal.read()).toEqual([format, entry(1), entry(2)])
    expect(third.lines.join('')).toMatch(/ERROR/)
  })

  test('refuses a file of a newer version, and leaves it alone', () => {
    const path = join(temporaryFolder(), 'journal.jsonl')
    appendFileSync(path, toChecksummedLine({ ...format, version: 2 }))
    expect(() => openJournal(path).journal.read()).toThrow(/newer version/)
    expect(existsSync(`${path}.previous`)).toBe(false)
  })

  test('is made small again when it has grown', async () => {
    const { journal, path } = openJournal()
    let last = 0
    journal.start(() => [format, entry(last)])
    const filler = 'x'.repeat(100_000)
    for (last = 1; last < 100; last++) {
      journal.append({ type: 'offsets', group: filler, offsets: [] })
      if (last % 20 === 0) await journal.flush()
    }
    last = 99
    await journal.flush()
    await journal.close()
    const entries = openJournal(path).journal.read()
    expect(entries.filter(({ type }) => type === 'offsets').length).toBeLessThan(90)
    expect(entries).toContainEqual(format)
  })
})
