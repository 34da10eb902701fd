import { spawnSync } from 'node:child_process'
import { type BenchCase, cases } from './cases.ts'
import { fixed, machine, spreadText, table, thousands } from './lab/report.ts'
import type { Result } from './lab/results.ts'
import { type Spread, spreadOf } from './lab/statistics.ts'

/** A column of a table: what a run found under this name. */
interface Column {
  readonly figure: string
  readonly title: string
  readonly text: (value: number) => string
  /** Larger is better; null: no ratio is given. */
  readonly isMoreBetter: boolean | null
}

const flowColumns: readonly Column[] = [
  { figure: 'recordsPerSecond', title: 'records/s', text: thousands, isMoreBetter: true },
  { figure: 'warmPerSecond', title: 'second half', text: thousands, isMoreBetter: true },
  { figure: 'cpuPerMillion', title: 'CPU s per million', text: fixed(2), isMoreBetter: false },
  { figure: 'peakMb', title: 'peak MB', text: fixed(0), isMoreBetter: null },
]

const otherColumns: readonly Column[] = [
  { figure: 'restMs', title: 'REST answers, ms', text: fixed(0), isMoreBetter: false },
  { figure: 'firstMs', title: 'first record, ms', text: fixed(0), isMoreBetter: false },
  { figure: 'startCpu', title: 'CPU s to there', text: fixed(2), isMoreBetter: null },
  { figure: 'p50Ms', title: 'latency p50, ms', text: fixed(1), isMoreBetter: false },
  { figure: 'p99Ms', title: 'p99, ms', text: fixed(1), isMoreBetter: false },
  { figure: 'maxMs', title: 'max, ms', text: fixed(0), isMoreBetter: null },
  { figure: 'residentMb', title: 'RSS, MB', text: fixed(0), isMoreBetter: null },
  { figure: 'cpuPercent', title: 'CPU, %', text: fixed(1), isMoreBetter: null },
  { figure: 'stopMs', title: 'stop, ms', text: fixed(0), isMoreBetter: null },
]

/** All that was measured, as Markdown; cases without results are left out. */
export function report(results: readonly Result[]): string {
  const parts = [
    `${new Date().toISOString().slice(0, 10)}, ${machine()}, ${javaVersion()}, Apache Kafka 4.1.1. ` +
      'Each cell: min / median / max; in parentheses how many times as good the median of tsconnect is.',
  ]
  const flows = cases.filter(({ name }) => results.some((each) => each.case === name && isFlow(each)))
  if (flows.length > 0) parts.push(tableOf(flows, results, flowColumns))
  for (const other of cases) {
    if (flows.includes(other) || !results.some((each) => each.case === other.name)) continue
    const found = results.find((each) => each.case === other.name)!
    parts.push(
      tableOf(
        [other],
        results,
        otherColumns.filter(({ figure }) => figure in found.figures),
      ),
    )
  }
  return parts.join('\n\n')
}

function tableOf(rows: readonly BenchCase[], results: readonly Result[], columns: readonly Column[]): string {
  const cells = rows.flatMap(({ name, about, subjects }) =>
    subjects.flatMap((subject) => {
      const ofSubject = (of: string) => results.filter((each) => each.case === name && each.subject === of)
      if (ofSubject(subject.name).length === 0) return []
      const spread = (of: string, figure: string): Spread | null => {
        const values = ofSubject(of).map(({ figures }) => figures[figure] ?? NaN)
        return values.length === 0 || values.some(Number.isNaN) ? null : spreadOf(values)
      }
      const ours = subjects[0]!.name
      return [
        [
          about,
          subject.name,
          ...columns.map((column) =>
            cell(
              column,
              spread(subject.name, column.figure),
              subject.name === ours ? null : spread(ours, column.figure),
            ),
          ),
        ],
      ]
    }),
  )
  return table(['', '', ...columns.map(({ title }) => title)], cells)
}

function cell({ text, isMoreBetter }: Column, found: Spread | null, ours: Spread | null): string {
  if (found === null) return ''
  const values = spreadText(found, text)
  if (ours === null || isMoreBetter === null) return values
  const ratio = isMoreBetter ? ours.median / found.median : found.median / ours.median
  return `${values} (${ratio.toFixed(ratio < 10 ? 2 : 0)})`
}

const isFlow = ({ figures }: Result): boolean => 'recordsPerSecond' in figures

function javaVersion(): string {
  const { stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' })
  return /"([^"]+)"/.exec(stderr)?.[1]?.replace(/^/, 'Java ') ?? 'Java of an unknown version'
}
