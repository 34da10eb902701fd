import { filterStep } from './json-path-filter.ts'
import { Scanner } from './json-path-scanner.ts'

/** A JSONPath in Jayway's dialect, over values as `plainValue` gives them. */
export interface JsonPath {
  /** Whether it leads to one place: no wildcard, slice, scan, list of names or filter. */
  readonly isDefinite: boolean
  /** The members of the root that it looks at. */
  readonly rootMembers: ReadonlySet<string> | 'all'
  /** What it leads to; undefined where a step that should lead to one place leads to none. */
  select(root: unknown): readonly unknown[] | undefined
}

/** Throws SyntaxError. Nothing of the text is ever run as code. */
export function jsonPath(text: string): JsonPath {
  const scanner = new Scanner(text)
  scanner.blanks()
  if (!scanner.take('$')) throw scanner.error('a path begins with $')
  const steps = readSteps(scanner)
  scanner.blanks()
  if (!scanner.isAtEnd) throw scanner.error('unexpected text')
  const names = scanner.refersToRoot ? undefined : steps[0]?.names
  return {
    isDefinite: steps.every(({ isDefinite }) => isDefinite),
    rootMembers: names === undefined ? 'all' : new Set(names),
    select: (root) => selectFrom(root, steps, root),
  }
}

/** One step of a path: from one value to those it leads to. */
export interface Step {
  readonly isDefinite: boolean
  /** The names of members, for a step that takes them by name. */
  readonly names?: readonly string[]
  /** Appends to `found`; false where it cannot be applied to the value or the one place does not exist. */
  apply(value: unknown, found: unknown[], root: unknown): boolean
}

/** What the steps lead to from a value, as `select` gives it. */
export function selectFrom(start: unknown, steps: readonly Step[], root: unknown): unknown[] | undefined {
  let values = [start]
  let isDefinite = true
  for (const step of steps) {
    const found: unknown[] = []
    for (const value of values) {
      const isFound = step.apply(value, found, root)
      if (!isFound && isDefinite) return undefined
    }
    isDefinite &&= step.isDefinite
    values = found
  }
  return values
}

/** The steps behind `$` or `@`, as far as there are any. */
export function readSteps(scanner: Scanner): Step[] {
  const steps: Step[] = []
  for (;;) {
    if (scanner.take('..')) {
      steps.push(everything)
      if (scanner.peek() === '[') continue
      steps.push(scanner.take('*') ? wildcard : members([scanner.name()]))
    } else if (scanner.take('.')) {
      steps.push(scanner.take('*') ? wildcard : members([scanner.name()]))
    } else if (scanner.take('[')) {
      steps.push(readBracket(scanner))
    } else return steps
  }
}

function readBracket(scanner: Scanner): Step {
  scanner.blanks()
  if (scanner.take('?')) {
    scanner.blanks()
    scanner.expect('(')
    const filter = filterStep(scanner)
    scanner.blanks()
    scanner.expect(')')
    return closed(scanner, filter)
  }
  if (scanner.take('*')) return closed(scanner, wildcard)
  if (scanner.peek() === "'" || scanner.peek() === '"') {
    return closed(scanner, members(scanner.listOf(() => scanner.quoted())))
  }
  const from = scanner.integer()
  scanner.blanks()
  if (scanner.take(':')) {
    scanner.blanks()
    return closed(scanner, slice(from, scanner.integer()))
  }
  if (from === undefined) throw scanner.error('a name, an index, * or ?( is missing')
  const indexes = [from]
  while (scanner.take(',')) {
    scanner.blanks()
    const index = scanner.integer()
    if (index === undefined) throw scanner.error('an index is missing')
    indexes.push(index)
    scanner.blanks()
  }
  return closed(scanner, items(indexes))
}

function closed(scanner: Scanner, step: Step): Step {
  scanner.blanks()
  scanner.expect(']')
  return step
}

function members(names: readonly string[]): Step {
  return {
    isDefinite: names.length === 1,
    names,
    apply(value, found) {
      if (!(value instanceof Map)) return false
      let isFound = names.length > 1
      for (const name of names) {
        const member: unknown = value.get(name)
        if (member === undefined) continue
        found.push(member)
        isFound = true
      }
      return isFound
    },
  }
}

function items(indexes: readonly number[]): Step {
  return {
    isDefinite: indexes.length === 1,
    apply(value, found) {
      if (!Array.isArray(value)) return false
      let isFound = indexes.length > 1
      for (const index of indexes) {
        const item: unknown = value.at(index)
        if (item === undefined) continue
        found.push(item)
        isFound = true
      }
      return isFound
    },
  }
}

function slice(from: number | undefined, to: number | undefined): Step {
  return {
    isDefinite: false,
    apply(value, found) {
      if (!Array.isArray(value)) return false
      found.push(...(value.slice(from, to) as unknown[]))
      return true
    },
  }
}

const wildcard: Step = {
  isDefinite: false,
  apply(value, found) {
    const inside = childrenOf(value)
    if (inside === undefined) return false
    for (const child of inside) found.push(child)
    return true
  },
}

/** The value and all that is in it, at any depth. */
const everything: Step = {
  isDefinite: false,
  apply(value, found, root) {
    found.push(value)
    for (const child of childrenOf(value) ?? []) this.apply(child, found, root)
    return true
  },
}

function childrenOf(value: unknown): Iterable<unknown> | undefined {
  if (value instanceof Map) return value.values()
  return Array.isArray(value) ? (value as unknown[]) : undefined
}
