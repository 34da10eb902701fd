import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runFiles } from '../../src/vectors/main.ts'

async function run(...contents: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'vectors-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const files = contents.map((content, index) => join(folder, `${index}.jsonl`))
  contents.forEach((content, index) => writeFileSync(files[index]!, content))
  const lines: string[] = []
  const isGood = await runFiles(files, (line) => lines.push(line))
  return { isGood, text: lines.join('\n') }
}

const vector = (suite: string, expected: object) =>
  JSON.stringify({ suite, name: 'case', input: { text: 'a=b' }, expect: expected })

test('counts what passes over all files', async () => {
  const good = vector('properties', { pairs: [['a', 'b']] })
  expect(await run(`${good}\n${good}\n`, good)).toEqual({ isGood: true, text: '3 passed, 0 failed' })
})

test('shows what was expected and what came', async () => {
  const { isGood, text } = await run(vector('properties', { pairs: [['a', 'c']] }))
  expect(isGood).toBe(false)
  expect(text).toBe(
    'FAILED properties: case\n  expected {"pairs":[["a","c"]]}\n  got      [["a","b"]]\n0 passed, 1 failed',
  )
})

for (const [what, content] of [
  ['an answer where an error was expected', vector('properties', { error: { kind: 'other' } })],
  ['a suite that nobody knows', vector('nope', { error: { kind: 'other' } })],
  ['a suite that is not there yet', vector('avro', { error: { kind: 'other' } })],
  ['a line that is no JSON', '{'],
  ['a line that is no object', 'null'],
  ['an empty file', '\n'],
] as const) {
  test(`counts ${what} as a failure`, async () => {
    expect((await run(content)).text).toMatch(/\n0 passed, 1 failed$/)
  })
}

test('counts a file that cannot be read, and no files at all, as failures', async () => {
  expect(await runFiles(['/no/such/file'], () => {})).toBe(false)
  expect(await runFiles([], () => {})).toBe(false)
})
