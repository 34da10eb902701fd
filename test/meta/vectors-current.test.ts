import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './project-files.ts'

/** Where the recordings are kept, beside a checkout; a checkout alone has the copy only. */
const recorded = join(root, '../shared/vectors')
const copy = join(root, 'test/fixtures/vectors')

const namesIn = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.jsonl'))

test('the copy of the recorded answers is what was recorded, byte for byte', ({ skip }) => {
  if (!existsSync(recorded)) {
    const reason = 'The copy of the recorded answers was not compared: there is no ../shared/vectors.'
    console.warn(reason)
    skip(reason)
  }
  expect(namesIn(copy)).toEqual(namesIn(recorded))
  const differing = namesIn(copy).filter(
    (name) => !readFileSync(join(copy, name)).equals(readFileSync(join(recorded, name))),
  )
  expect(differing).toEqual([])
})
