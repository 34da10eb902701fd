import type { Output } from './output.ts'

/** A column is named as its member; numbers stand to the right. */
export type Row = Readonly<Record<string, string | number | null>>

/**
 * Rows for a person at a terminal: aligned, under their headings. For a program: without headings, with tabs, or one JSON
 * object a line. No rows, no output.
 */
export async function printRows(rows: readonly Row[], output: Output, { json = false } = {}): Promise<void> {
  if (json) await output.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  else if (output.isTerminal) await output.write(alignedText(rows, output.hasColour))
  else await output.write(rows.map((row) => `${Object.values(row).map(cellText).join('\t')}\n`).join(''))
}

export function alignedText(rows: readonly Row[], hasColour: boolean): string {
  if (rows.length === 0) return ''
  const names = Object.keys(rows[0]!)
  const lines = [names.map(headingOf), ...rows.map((row) => names.map((name) => cellText(row[name])))]
  const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  const isNumeric = names.map((name) => rows.every((row) => typeof row[name] !== 'string'))
  const texts = lines.map((line) =>
    line
      .map((cell, i) => (isNumeric[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd(),
  )
  const [heading, ...rest] = texts
  return [hasColour ? `\u001b[1m${heading}\u001b[22m` : heading, ...rest, ''].join('\n')
}

function headingOf(name: string): string {
  return name.replace(/([A-Z])/g, ' $1').toUpperCase()
}

function cellText(value: string | number | null | undefined): string {
  return value == null ? '-' : String(value)
}
