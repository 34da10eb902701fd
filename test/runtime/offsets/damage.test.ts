import { beforeAll, describe, expect, test } from 'vitest'
import { OffsetFileError } from '../../../src/runtime/offsets/errors.ts'
import { encodeBatch, encodeHeader } from '../../../src/runtime/offsets/journal-format.ts'
import { recover } from '../../../src/runtime/offsets/recovery.ts'
import { key, position, recordingLog } from './support.ts'

const count = 20
const header = encodeHeader({ version: 1, worker: 'w', generation: 1, entries: 0 })

/** Twenty entries, each with a key of its own: what is missing tells which line is gone. */
const lines = [
  header,
  ...Array.from({ length: count }, (_, index) =>
    encodeBatch({ seq: index + 1, at: 0, set: [[key(`f${index + 1}`), position(index + 1)]] }),
  ),
]
const main = Buffer.concat(lines)
const starts = lines.map((_, index) => lines.slice(0, index).reduce((sum, line) => sum + line.length, 0))
const lineAt = (at: number) => starts.findLastIndex((start) => start <= at)

function recovering(damaged: Buffer) {
  const { log, lines: logged } = recordingLog()
  const { entries } = recover(
    { main: damaged, previous: null },
    { path: '/o', log, acceptLostOffsets: false },
  )
  return { entries, logged: logged.join('') }
}

/** The numbers of the entries that are there, each with the value it was written with. */
function intact(entries: ReadonlyMap<string, string | null>): number[] {
  const numbers = Array.from({ length: count }, (_, index) => index + 1)
  const there = numbers.filter((number) => entries.get(key(`f${number}`)) === position(number))
  expect(entries.size).toBe(there.length)
  return there
}

const all = Array.from({ length: count }, (_, index) => index + 1)

describe(`a journal of ${count} entries`, () => {
  beforeAll(() => {
    const { entries, logged } = recovering(main)
    expect([intact(entries), logged]).toEqual([all, ''])
  })

  test('cut behind any byte has every entry before the cut', () => {
    for (let length = 1; length < main.length; length++) {
      const cut = main.subarray(0, length)
      // A line that lacks only its end is whole.
      const whole = starts.filter((start, index) => start + lines[index]!.length - 1 <= length).length
      if (whole === 0) {
        expect(() => recovering(cut), `cut at ${length}`).toThrow(OffsetFileError)
        continue
      }
      const { entries, logged } = recovering(cut)
      expect(intact(entries), `cut at ${length}`).toEqual(all.slice(0, whole - 1))
      const end = starts[whole] ?? main.length
      const isAtEnd = length === end || length === end - 1
      expect(logged === '', `cut at ${length}`).toBe(isAtEnd)
    }
  })

  test('with any byte zero loses no other line than the one it is in, loudly', () => {
    for (let at = 0; at < main.length; at++) {
      const damaged = Buffer.from(main)
      damaged[at] = 0
      expectOnlyLost(damaged, lineAt(at), `byte ${at}`)
    }
  })

  test('with any bit flipped loses no other line than the one it is in, loudly', () => {
    for (let at = 0; at < main.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const damaged = Buffer.from(main)
        damaged[at]! ^= 1 << bit
        expectOnlyLost(damaged, lineAt(at), `bit ${bit} of byte ${at}`)
      }
    }
  })

  test('filled with zeros from any byte to its end has every entry before it', () => {
    for (let from = 1; from < main.length; from++) {
      const damaged = Buffer.concat([main.subarray(0, from), Buffer.alloc(main.length - from)])
      const whole = lineAt(from)
      if (whole === 0) {
        expect(() => recovering(damaged), `zeros from ${from}`).toThrow(OffsetFileError)
        continue
      }
      const { entries, logged } = recovering(damaged)
      const there = intact(entries)
      expect(there.slice(0, whole - 1), `zeros from ${from}`).toEqual(all.slice(0, whole - 1))
      expect(there.length).toBeLessThanOrEqual(whole)
      expect(logged, `zeros from ${from}`).not.toBe('')
    }
  })

  function expectOnlyLost(damaged: Buffer, line: number, what: string): void {
    const { entries, logged } = recovering(damaged)
    const there = intact(entries)
    const lost = all.filter((number) => !there.includes(number))
    expect(line === 0 ? [] : [line], what).toEqual(expect.arrayContaining(lost))
    expect(logged, what).not.toBe('')
  }
})
