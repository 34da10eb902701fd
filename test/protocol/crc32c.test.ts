import { describe, expect, test } from 'vitest'
import { crc32c } from '../../src/protocol/crc32c.ts'

/** Bit by bit, as the definition has it. */
function plain(bytes: Uint8Array): number {
  let crc = ~0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return ~crc >>> 0
}

const noise = Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 2654435761) >>> 13))

describe('crc32c', () => {
  for (const [text, checksum] of [
    ['', 0],
    ['a', 0xc1d04330],
    ['123456789', 0xe3069283],
  ] as const) {
    test(`of "${text}" is the published one`, () => expect(crc32c(Buffer.from(text))).toBe(checksum))
  }

  test('of 32 zero bytes and of 32 bytes 0xff is that of RFC 3720', () => {
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa)
    expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43)
  })

  test('is the same at every alignment and length', () => {
    for (let start = 0; start < 20; start++) {
      for (let end = start; end < 120; end++)
        expect(crc32c(noise, start, end)).toBe(plain(noise.subarray(start, end)))
    }
  })

  test('goes on over pieces', () => {
    const first = crc32c(noise, 0, 77)
    expect(crc32c(noise, 77, noise.length, first)).toBe(crc32c(noise))
  })
})
