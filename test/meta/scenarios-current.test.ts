import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './project-files.ts'

/** Where the recordings are kept, beside a checkout; a checkout alone has the copies only. */
const recorded = join(root, '../shared/scenarios')
const copies = join(root, 'test/fixtures/scenarios')

test('the copied scenarios are what was recorded, byte for byte', ({ skip }) => {
  if (!existsSync(recorded)) {
    const reason = 'The copied scenarios were not compared: there is no ../shared/scenarios.'
    console.warn(reason)
    skip(reason)
  }
  const names = readdirSync(copies)
  expect(names).not.toEqual([])
  expect(
    names.filter((name) => !readFileSync(join(copies, name)).equals(readFileSync(join(recorded, name)))),
  ).toEqual([])
})
