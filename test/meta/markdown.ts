import { format } from 'prettier'
import type { Fields } from '../../src/config/config-def.ts'

/** Stands at the top of every page that is written by a program. */
export const note = '<!-- Written by npm run docs. Edit the definitions in src/, not this page. -->'

/** The settings of a plugin. */
export function settingsTable(fields: Fields): string {
  return Object.keys(fields).length === 0 ? 'No settings.' : table(fields)
}

/** `examples`: values that somebody might set, by the settings' names; a column of its own where there are any. */
export function table(fields: Fields, examples: Readonly<Record<string, string>> = {}): string {
  const hasExamples = Object.keys(fields).some((name) => name in examples)
  const rows = Object.entries(fields).map(([name, field]) => {
    const valid = field.validate?.description === undefined ? '' : ` Valid: ${field.validate.description}.`
    const doc = (/[.!?]$/.test(field.doc) ? field.doc : `${field.doc}.`) + valid
    const cells = [
      `\`${name}\``,
      field.type.toLowerCase(),
      defaultText(field.default),
      field.importance,
      cell(doc),
    ]
    return hasExamples ? [...cells, exampleText(examples[name])] : cells
  })
  const head = ['Setting', 'Type', 'Default', 'Importance', '', ...(hasExamples ? ['Example'] : [])]
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function exampleText(value: string | undefined): string {
  if (value === undefined) return ''
  return value === '' ? 'empty' : `\`${cell(value)}\``
}

function defaultText(value: unknown): string {
  if (value === undefined) return '**required**'
  if (value === null) return 'none'
  const text = Array.isArray(value) ? value.join(',') : String(value)
  return text === '' ? 'empty' : `\`${cell(text)}\``
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ')
}

/** As `npm run format` leaves it. */
export function page(markdown: string): Promise<string> {
  return format(markdown, { parser: 'markdown', printWidth: 110, proseWrap: 'always' })
}
