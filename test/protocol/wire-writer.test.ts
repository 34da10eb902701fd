import { describe, expect, test } from 'vitest'
import { WireReader } from '../../src/protocol/wire-reader.ts'
import { WireWriter } from '../../src/protocol/wire-writer.ts'

const values: {
  name: string
  value: unknown
  write: (writer: WireWriter) => void
  read: (reader: WireReader) => unknown
}[] = [
  { name: 'int8', value: -7, write: (w) => w.int8(-7), read: (r) => r.int8() },
  { name: 'int16', value: -700, write: (w) => w.int16(-700), read: (r) => r.int16() },
  { name: 'uint16', value: 65_000, write: (w) => w.uint16(65_000), read: (r) => r.uint16() },
  { name: 'int32', value: -70_000, write: (w) => w.int32(-70_000), read: (r) => r.int32() },
  { name: 'uint32', value: 4_000_000_000, write: (w) => w.uint32(4_000_000_000), read: (r) => r.uint32() },
  { name: 'int64', value: -(2 ** 53 - 1), write: (w) => w.int64(-(2 ** 53 - 1)), read: (r) => r.int64() },
  { name: 'float64', value: 0.1, write: (w) => w.float64(0.1), read: (r) => r.float64() },
  { name: 'uvarint', value: 300, write: (w) => w.uvarint(300), read: (r) => r.uvarint() },
  { name: 'varint', value: -300, write: (w) => w.varint(-300), read: (r) => r.varint() },
  { name: 'varlong', value: -(2 ** 40), write: (w) => w.varlong(-(2 ** 40)), read: (r) => r.varlong() },
  { name: 'string', value: 'Ærø', write: (w) => w.string('Ærø'), read: (r) => r.string() },
  {
    name: 'bytes',
    value: 'abc',
    write: (w) => w.bytes(Buffer.from('abc')),
    read: (r) => r.bytes().toString(),
  },
  {
    name: 'array',
    value: [1, 2],
    write: (w) => w.array([1, 2], (to, n) => to.int8(n)),
    read: (r) => r.array(() => r.int8()),
  },
]

describe('WireWriter', () => {
  for (const { name, value, write, read } of values) {
    for (const flexible of [false, true]) {
      test(`keeps ${name} whole wherever its buffer has to grow, flexible: ${flexible}`, () => {
        for (let before = 0; before < 20; before++) {
          const writer = new WireWriter({ capacity: 8, flexible })
          for (let i = 0; i < before; i++) writer.int8(i)
          write(writer)
          const reader = new WireReader(writer.view(), { flexible })
          for (let i = 0; i < before; i++) expect(reader.int8()).toBe(i)
          expect(read(reader)).toEqual(value)
          expect(reader.remaining).toBe(0)
        }
      })
    }
  }
})
