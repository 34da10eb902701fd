import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readPropertiesFile } from '../../src/config/read-file.ts'

const dir = mkdtempSync(join(tmpdir(), 'read-file-'))
afterAll(() => rmSync(dir, { recursive: true }))

describe('readPropertiesFile', () => {
  for (const [name, bytes, value] of [
    ['UTF-8', Buffer.from('k=\u00e9\u20ac'), '\u00e9\u20ac'],
    ['UTF-8 with a byte order mark', Buffer.from('\ufeffk=\u00e9'), '\u00e9'],
    ['Latin-1', Buffer.from('k=\u00e9', 'latin1'), '\u00e9'],
  ] as const) {
    test(`reads ${name}`, () => {
      const path = join(dir, name)
      writeFileSync(path, bytes)
      expect(readPropertiesFile(path).values).toEqual({ k: value })
    })
  }

  test('says which file could not be read and why', () => {
    expect(() => readPropertiesFile(join(dir, 'nope'))).toThrow(
      `Could not read ${join(dir, 'nope')}: there is no such`,
    )
    expect(() => readPropertiesFile(dir)).toThrow('is a directory')
    writeFileSync(join(dir, 'utf16'), Buffer.from('\ufeffk=v', 'utf16le'))
    expect(() => readPropertiesFile(join(dir, 'utf16'))).toThrow('UTF-16')
    expect(() => readPropertiesFile('/dev/zero')).toThrow('larger than 16 MiB')
  })

  test('refuses a file that is too large for settings', () => {
    const path = join(dir, 'large')
    writeFileSync(path, '')
    truncateSync(path, 16 * 1024 * 1024 + 1)
    expect(() => readPropertiesFile(path)).toThrow('larger than 16 MiB')
  })
})
