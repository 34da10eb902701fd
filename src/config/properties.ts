import { LineReader, isBlank } from './properties-lines.ts'
import { ConfigError } from '../errors.ts'

/** A place in a file a user wrote. Lines and columns count from 1, columns in UTF-16 units. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** Settings and where each of them stands, so that a message can end in `file:line:column`. */
export interface Sourced<Value extends string | null = string | null> {
  readonly file: string
  /** Without a prototype: `__proto__` is a key like any other. */
  readonly values: Readonly<Record<string, Value>>
  /** Where the occurrence that counts stands. */
  origin(key: string): Position | undefined
  /** Keys that occur more than once, with all their places in order; the last one counts. */
  readonly duplicates: readonly Duplicate[]
}

export interface Duplicate {
  readonly key: string
  readonly positions: readonly Position[]
}

export interface SourcedProperties extends Sourced<string> {
  /** Each key once, with its last value, at the place of its first appearance. */
  readonly pairs: readonly (readonly [key: string, value: string])[]
}

/**
 * Reads text in the syntax of java.util.Properties, exactly as Java does.
 *
 * Throws ConfigError for a broken `\uXXXX`, the only mistake that this syntax knows.
 */
export function parseProperties(text: string, file: string): SourcedProperties {
  const found = new Map<string, { value: string; positions: Position[] }>()
  const lines = new LineReader(text)
  for (let line = lines.next(); line !== null; line = lines.next()) {
    const position = { file, line: line.line, column: line.column }
    const [key, value] = splitLine(line.text, position)
    const known = found.get(key)
    if (known === undefined) {
      found.set(key, { value, positions: [position] })
    } else {
      known.value = value
      known.positions.push(position)
    }
  }

  const values = Object.create(null) as Record<string, string>
  const pairs: [string, string][] = []
  const duplicates: Duplicate[] = []
  for (const [key, { value, positions }] of found) {
    values[key] = value
    pairs.push([key, value])
    if (positions.length > 1) duplicates.push({ key, positions })
  }
  return { file, values, pairs, duplicates, origin: (key) => found.get(key)?.positions.at(-1) }
}

/** `worker.properties:12:1`, as editors and terminals understand it. */
export function positionText({ file, line, column }: Position): string {
  return `${file}:${line}:${column}`
}

function splitLine(line: string, position: Position): [key: string, value: string] {
  let end = 0
  for (; end < line.length; end++) {
    const char = line[end]!
    if (char === '\\') end++
    else if (char === '=' || char === ':' || isBlank(char)) break
  }
  let start = end
  for (let hasSeparator = false; start < line.length; start++) {
    const char = line[start]!
    if (isBlank(char)) continue
    if (hasSeparator || (char !== '=' && char !== ':')) break
    hasSeparator = true
  }
  return [unescape(line.slice(0, end), position), unescape(line.slice(start), position)]
}

const named: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

function unescape(text: string, position: Position): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\(u[0-9a-fA-F]{4}|[^])/g, (escape, what: string) => {
    if (what.length === 5) return String.fromCharCode(Number.parseInt(what.slice(1), 16))
    if (what === 'u') {
      // Java's message, for those who search for it.
      throw new ConfigError(
        `Malformed \\uxxxx encoding. (${positionText(position)}) ${escape} needs four hexadecimal digits; ` +
          'write \\\\ for a backslash that means itself.',
      )
    }
    return named[what] ?? what
  })
}
