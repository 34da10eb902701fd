import chalk from 'chalk'
import type { Difference, DifferenceKind } from './comparison.ts'
import type { Line } from './line.ts'
import type { ComparedSides, Role, Side, Verification } from './verification.ts'

const kinds: readonly DifferenceKind[] = ['lost', 'duplicated', 'misplaced', 'unexpected']

/** For people. */
export function textReport({ sides, comparisons, agree }: Verification): string {
  const width = Math.max(...sides.map(({ name }) => name.length))
  const lines = sides.map((side) => sideText(side, width))
  for (const comparison of comparisons) lines.push('', ...comparisonText(comparison, sides))
  lines.push('', agree ? chalk.green('They agree.') : chalk.red('They do not agree.'))
  return `${lines.join('\n')}\n`
}

/** For programs; members may be added, none is taken away within a version. */
export function jsonReport({ sides, comparisons, agree }: Verification): object {
  return {
    version: 1,
    agree,
    ...Object.fromEntries(sides.map(({ role, ...side }) => [role, sideJson(side)])),
    comparisons: comparisons.map(({ from, to, compared: { counts, first }, agree: isSame }) => ({
      from,
      to,
      agree: isSame,
      ...counts,
      first:
        first === null
          ? null
          : { kind: first.kind, expected: lineJson(first.expected), found: lineJson(first.found) },
    })),
  }
}

function sideText({ role, name, partitions, lines, checksum, unfinished }: Side, width: number): string {
  const where = partitions === null ? '' : ` in ${partitions} partition${partitions === 1 ? '' : 's'}`
  const rest = unfinished === 0 ? '' : `, and ${unfinished} bytes without a line end`
  return `${role.padEnd(6)}  ${name.padEnd(width)}  ${lines} lines${where}, checksum ${checksum}${rest}`
}

function comparisonText({ from, to, compared, agree }: ComparedSides, sides: readonly Side[]): string[] {
  const title = chalk.bold(`${from} -> ${to}`)
  if (agree) return [`${title}: ${chalk.green('the same lines, in order')}`]
  const found = kinds.filter((kind) => compared.counts[kind] > 0)
  const counts = found.map((kind) => `${compared.counts[kind]} ${kind}`)
  const isComplete = compared.counts.lost === 0
  const summary = counts.length === 0 ? 'half a line too many' : counts.join(', ')
  const lines = [
    `${title}: ${chalk.red(summary)}${isComplete && counts.length > 0 ? '; nothing is lost' : ''}`,
  ]
  if (compared.first !== null) lines.push(...differenceText(compared.first, from, to, sides))
  return lines
}

const meanings: Readonly<Record<DifferenceKind, string>> = {
  lost: 'this line is missing',
  duplicated: 'this line is there once more',
  misplaced: 'this line comes too late',
  unexpected: 'this line should not be there',
}

function differenceText({ kind, expected, found }: Difference, from: Role, to: Role, sides: readonly Side[]) {
  const show = (role: Role, line: Line | null) => {
    const { name } = sides.find((side) => side.role === role)!
    return `    ${role.padEnd(6)} ${line === null ? '(ends)' : `${placeText(name, line)}: ${line.preview}`}`
  }
  return [`  first difference, ${kind}: ${meanings[kind]}`, show(from, expected), show(to, found)]
}

function placeText(name: string, { number, offset, partition }: Line): string {
  return partition < 0
    ? `${name}:${number} (byte ${offset})`
    : `${name}-${partition} offset ${offset} (line ${number})`
}

function sideJson({ name, partitions, lines, checksum, unfinished }: Omit<Side, 'role'>): object {
  return partitions === null
    ? { file: name, lines, checksum, unfinishedBytes: unfinished }
    : { name, partitions, lines, checksum }
}

function lineJson(line: Line | null): object | null {
  if (line === null) return null
  const { number, offset, partition, preview } = line
  return partition < 0
    ? { line: number, byte: offset, text: preview }
    : { line: number, partition, offset, text: preview }
}
