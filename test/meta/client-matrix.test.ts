import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { hasKcat } from '../integration/support/services.ts'
import { clients, rows, type Cell } from './client-matrix.ts'
import { root, textOf } from './project-files.ts'
import { page } from './markdown.ts'

const path = 'docs/reference/broker.md'
const [begin, end] = ['<!-- clients: written by npm run docs -->\n', '<!-- /clients -->']
const isTest = (cell: Cell) => 'test' in cell

test('the table of clients is current (npm run docs writes it)', async () => {
  const [before, rest] = textOf(path).split(begin) as [string, string]
  const after = rest.split(end)[1]!
  const lines = rows.map(({ what, cells }) => [
    what,
    ...cells.map((cell) => ('none' in cell ? cell.none : '✓')),
  ])
  const head = ['', ...clients]
  const table = [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  await expect(`${before}${begin}\n${await page(table)}\n${end}${after}`).toMatchFileSnapshot(
    join(root, path),
  )
})

test('every row has a cell for every client', () => {
  for (const { what, cells } of rows) expect(cells, what).toHaveLength(clients.length)
})

test('every cell of the table of clients has its test', { timeout: 120_000 }, async () => {
  const wanted = rows.flatMap(({ cells }) => cells).filter(isTest)
  const found = await listed([...new Set(wanted.map(({ file }) => file))])
  const missing = wanted.map(({ file, test }) => `${file} > ${test}`).filter((name) => !found.has(name))
  const isKcat = (name: string) => name.includes('.test.ts > kcat > ')
  // Its tests are not there without it; the gate installs it before the integration tests.
  if (!hasKcat) process.stderr.write('SKIPPED: looking for the tests with kcat, which is not in the PATH.\n')
  expect(missing.filter((name) => hasKcat || !isKcat(name))).toEqual([])
})

/** The tests of some files as vitest lists them, as on a machine that has Java and Go. */
async function listed(files: string[]): Promise<Set<string>> {
  const folder = mkdtempSync(join(tmpdir(), 'client-matrix-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const output = join(folder, 'tests.json')
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'))
  await promisify(execFile)(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'list', `--json=${output}`, ...files],
    {
      cwd: root,
      env: { ...Object.fromEntries(inherited), TSCONNECT_KAFKA_LIBS: root, TSCONNECT_FRANZ_GO: root },
    },
  )
  const tests = JSON.parse(readFileSync(output, 'utf8')) as { name: string; file: string }[]
  return new Set(tests.map(({ name, file }) => `${file.slice(root.length + 1)} > ${name}`))
}
