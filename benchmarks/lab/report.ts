import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import type { Spread } from './statistics.ts'

const page = 'docs/benchmarks.md'

/** Replaces what stands between `<!-- NAME -->` and `<!-- /NAME -->` of docs/benchmarks.md. */
export function writeSection(name: string, markdown: string): void {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const text = readFileSync(page, 'utf8')
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${page} has no section ${begin} ... ${end}.`)
  writeFileSync(page, `${text.slice(0, from + begin.length)}\n\n${markdown}\n\n${text.slice(to)}`)
  spawnSync(process.execPath, ['node_modules/prettier/bin/prettier.cjs', '--write', page], {
    stdio: 'inherit',
  })
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, at) => (at === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n')
}

/** `99 / 145 / 156` */
export function spreadText({ min, median, max }: Spread, text: (value: number) => string): string {
  return [min, median, max].map(text).join(' / ')
}

export const fixed = (digits: number) => (value: number) => value.toFixed(digits)
/** `145k` */
export const thousands = (value: number) => `${fixed(0)(value / 1000)}k`

export function machine(): string {
  const cores = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${cores.length} cores (${cores[0]?.model ?? 'unknown'}), ${memory} GiB, Node ${process.versions.node}`
}
