import { describe, expect, test } from 'vitest'
import { LineSplitter } from '../../../src/connectors/file/line-splitter.ts'

/** Feeds the text in pieces of so many bytes and collects the lines with their end positions. */
function split(text: string | Buffer, { pieces = 7, capacity = 16, position = 0 } = {}): [string, number][] {
  const bytes = Buffer.from(text)
  const splitter = new LineSplitter(position, capacity)
  const lines: [string, number][] = []
  for (let at = 0; at < bytes.length;) {
    const copied = bytes.copy(splitter.space(), 0, at, at + pieces)
    splitter.filled(copied)
    at += copied
    for (let line = splitter.next(); line !== null; line = splitter.next())
      lines.push([line, splitter.position])
  }
  return lines
}

describe('LineSplitter', () => {
  for (const pieces of [1, 2, 3, 1000]) {
    test(`ends lines at LF, CR and CR LF, read ${pieces} bytes at a time`, () => {
      expect(split('a\rb\nc\r\nd\n\n\r\r\nlast', { pieces })).toEqual([
        ['a', 2],
        ['b', 4],
        ['c', 7],
        ['d', 9],
        ['', 10],
        ['', 11],
        ['', 13],
      ])
    })
  }

  test('ends lines at LF alone where it is told to', () => {
    const splitter = new LineSplitter(0, 4, 'LF')
    const bytes = Buffer.from('a\rb\r\nc\n')
    for (let at = 0; at < bytes.length;) {
      const copied = bytes.copy(splitter.space(), 0, at)
      splitter.filled(copied)
      at += copied
    }
    expect([splitter.next(), splitter.next(), splitter.next()]).toEqual(['a\rb\r', 'c', null])
  })

  test('counts positions in bytes, from where it begins', () => {
    expect(split('zwölf\n日本\r\n🚀\n', { position: 100 })).toEqual([
      ['zwölf', 107],
      ['日本', 115],
      ['🚀', 120],
    ])
  })

  test('waits with a CR at the end: a LF may follow', () => {
    expect(split('one\r')).toEqual([])
    expect(split('one\r', { pieces: 1 })).toEqual([])
  })

  test('keeps U+2028, NUL and other control characters inside lines', () => {
    expect(split('a\u2028b\0c\u0085d\n')).toEqual([['a\u2028b\0c\u0085d', 11]])
  })

  test('grows for long lines and keeps their bytes', () => {
    const long = 'x'.repeat(100_000)
    expect(split(`${long}\nshort\n`, { pieces: 1000 })).toEqual([
      [long, 100_001],
      ['short', 100_007],
    ])
  })

  test('replaces what is not UTF-8', () => {
    expect(split(Buffer.from([0x61, 0xff, 0x62, 0x0a]))).toEqual([['a\ufffdb', 4]])
  })

  test('gives the rest of a source that has ended', () => {
    const splitter = new LineSplitter(0)
    splitter.filled(Buffer.from('done\nnot done').copy(splitter.space()))
    expect([splitter.next(), splitter.next()]).toEqual(['done', null])
    splitter.end()
    expect([splitter.next(), splitter.next()]).toEqual(['not done', null])
  })
})
