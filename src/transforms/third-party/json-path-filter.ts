import { javaPattern } from '../../index.ts'
import { readSteps, selectFrom, type Step } from './json-path.ts'
import type { Scanner } from './json-path-scanner.ts'

type Test = (value: unknown, root: unknown) => boolean

/**
 * Reads what stands between the parentheses of a filter `[?(...)]`: of an array it selects the items for which it holds, of
 * a map the map itself.
 */
export function filterStep(scanner: Scanner): Step {
  const test = readOr(scanner)
  return {
    isDefinite: false,
    apply(value, found, root) {
      if (Array.isArray(value)) {
        for (const item of value as unknown[]) if (test(item, root)) found.push(item)
        return true
      }
      if (!(value instanceof Map)) return false
      if (test(value, root)) found.push(value)
      return true
    },
  }
}

function readOr(scanner: Scanner): Test {
  let test = readAnd(scanner)
  for (;;) {
    scanner.blanks()
    if (!scanner.take('||')) return test
    const [left, right] = [test, readAnd(scanner)]
    test = (value, root) => left(value, root) || right(value, root)
  }
}

function readAnd(scanner: Scanner): Test {
  let test = readNot(scanner)
  for (;;) {
    scanner.blanks()
    if (!scanner.take('&&')) return test
    const [left, right] = [test, readNot(scanner)]
    test = (value, root) => left(value, root) && right(value, root)
  }
}

function readNot(scanner: Scanner): Test {
  scanner.blanks()
  if (scanner.take('!')) {
    const test = readNot(scanner)
    return (value, root) => !test(value, root)
  }
  if (scanner.take('(')) {
    const test = readOr(scanner)
    scanner.blanks()
    scanner.expect(')')
    return test
  }
  return readComparison(scanner)
}

/** The value of an operand; undefined where there is none, which no comparison holds for. */
type Operand = (value: unknown, root: unknown) => unknown

function readComparison(scanner: Scanner): Test {
  const left = readOperand(scanner)
  scanner.blanks()
  if (scanner.take('=~')) {
    scanner.blanks()
    const pattern = readPattern(scanner)
    return (value, root) => {
      const text = left(value, root)
      return typeof text === 'string' && pattern.test(text)
    }
  }
  const holds = readOperator(scanner)
  if (holds === undefined) return (value, root) => left(value, root) !== undefined
  const right = readOperand(scanner)
  return (value, root) => {
    const [a, b] = [left(value, root), right(value, root)]
    return a !== undefined && b !== undefined && holds(a, b)
  }
}

function readOperand(scanner: Scanner): Operand {
  scanner.blanks()
  const start = scanner.peek()
  if (start === '@' || start === '$') {
    scanner.take(start)
    if (start === '$') scanner.refersToRoot = true
    const steps = readSteps(scanner)
    const isDefinite = steps.every((step) => step.isDefinite)
    return (value, root) => {
      const found = selectFrom(start === '$' ? root : value, steps, root)
      if (found === undefined) return undefined
      if (isDefinite) return found[0]
      return found.length === 0 ? undefined : found
    }
  }
  const literal = readLiteral(scanner)
  return () => literal
}

function readLiteral(scanner: Scanner): unknown {
  scanner.blanks()
  if (scanner.take('[')) {
    scanner.blanks()
    if (scanner.take(']')) return []
    const items = scanner.listOf(() => readLiteral(scanner))
    scanner.expect(']')
    return items
  }
  if (scanner.peek() === "'" || scanner.peek() === '"') return scanner.quoted()
  if (scanner.takeWord('true')) return true
  if (scanner.takeWord('false')) return false
  if (scanner.takeWord('null')) return null
  const number = scanner.number()
  if (number === undefined) throw scanner.error('a path or a value is missing')
  return number
}

/** `=~` matches the whole text, as Java's `matches`. */
function readPattern(scanner: Scanner): RegExp {
  const { body, flags } = scanner.regex()
  if (!/^[ismu]*$/.test(flags)) throw scanner.error(`${flags} are no flags of a pattern`)
  return new RegExp(javaPattern(body).full.source, `v${flags.replaceAll('u', '')}`)
}

function readOperator(scanner: Scanner): ((a: unknown, b: unknown) => boolean) | undefined {
  for (const [text, holds] of signs) if (scanner.take(text)) return holds
  for (const [word, holds] of words) if (scanner.takeWord(word)) return holds
  return undefined
}

type Relation = (a: unknown, b: unknown) => boolean

const ordered =
  (holds: (a: never, b: never) => boolean): Relation =>
  (a, b) => {
    const [left, right] = [comparable(a), comparable(b)]
    const isSameKind = (isNumeric(left) && isNumeric(right)) || typeof left === typeof right
    return isSameKind && (isNumeric(left) || typeof left === 'string') && holds(left as never, right as never)
  }

/** A null differs from nothing but is equal to null: comparisons with it find no match otherwise. */
const differs: Relation = (a, b) => (a !== null || b === null) && !isEqual(a, b)
const isIn: Relation = (a, b) => Array.isArray(b) && b.some((item) => isEqual(a, item))
const contains: Relation = (a, b) =>
  typeof a === 'string' ? typeof b === 'string' && a.includes(b) : isIn(b, a)
const all = (a: unknown): unknown[] => (Array.isArray(a) ? a : [])

/** The longer first. */
const signs: readonly (readonly [string, Relation])[] = [
  ['===', (a, b) => isEqual(a, b)],
  ['!==', differs],
  ['==', (a, b) => isEqual(a, b)],
  ['!=', differs],
  ['<=', ordered((a, b) => a <= b)],
  ['>=', ordered((a, b) => a >= b)],
  ['<', ordered((a, b) => a < b)],
  ['>', ordered((a, b) => a > b)],
]

const words: readonly (readonly [string, Relation])[] = [
  ['in', isIn],
  ['nin', (a, b) => a !== null && Array.isArray(b) && !isIn(a, b)],
  ['contains', contains],
  ['subsetof', (a, b) => Array.isArray(a) && all(a).every((item) => isIn(item, b))],
  ['anyof', (a, b) => all(a).some((item) => isIn(item, b))],
  ['noneof', (a, b) => Array.isArray(a) && !all(a).some((item) => isIn(item, b))],
  ['size', (a, b) => sizeOf(a) !== undefined && isEqual(sizeOf(a), b)],
  ['empty', (a, b) => sizeOf(a) !== undefined && (sizeOf(a) === 0) === b],
]

function sizeOf(value: unknown): number | undefined {
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  return value instanceof Map ? value.size : undefined
}

function isEqual(a: unknown, b: unknown): boolean {
  const [left, right] = [comparable(a), comparable(b)]
  // Between number and bigint these are exact, and === is never true.
  if (isNumeric(left) && isNumeric(right)) return left <= right && left >= right
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, i) => isEqual(item, right[i]))
  }
  return left === right
}

/** Points in time compare by their milliseconds, bytes by their base64, as JSON has them. */
function comparable(value: unknown): unknown {
  if (value instanceof Date) return value.getTime()
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}
