import { ConfigError, type Field, type Schema, type Struct } from '../index.ts'
import { member, type Members } from './maps.ts'
import { requireMap, requireStruct } from './requirements.ts'
import { read } from './struct-fields.ts'

const nestedAccess = 'nested field access'

/** The name of a field as `field.syntax.version` reads it: V1 one name, V2 the names along a path. */
export class FieldPath {
  readonly text: string
  readonly #steps: readonly string[]

  /** Throws ConfigError for a backtick without its other half. */
  constructor(text: string, version: 'V1' | 'V2') {
    this.text = text
    this.#steps = version === 'V1' ? [text] : stepsOf(text)
  }

  /** The field that the path leads to; undefined when there is none. Throws where a step is no struct. */
  fieldIn(schema: Schema): Field | undefined {
    const last = this.#lastStep()
    let current = schema
    for (let i = 0; i < last; i++) {
      const field = current.field(this.#steps[i]!)
      if (field === undefined) return undefined
      current = field.schema
    }
    return current.field(this.#steps[last]!)
  }

  /** The value of a path that leads to a field; null where a struct on its way is null. */
  valueIn(struct: Struct, replaceNulls: boolean): unknown {
    const last = this.#lastStep()
    let current = struct
    for (let i = 0; i < last; i++) {
      const field = current.schema.field(this.#steps[i]!)
      const value = field === undefined ? null : current.get(field)
      if (value === null) return null
      current = requireStruct({ schema: field!.schema, value }, nestedAccess)
    }
    const field = current.schema.field(this.#steps[last]!)
    return field === undefined ? null : read(current, field, replaceNulls)
  }

  /** The value in schemaless data; null where the path leads nowhere. */
  valueInMap(map: Members): unknown {
    const last = this.#lastStep()
    let current = map
    for (let i = 0; i < last; i++) {
      const value = member(current, this.#steps[i]!)
      if (value === null) return null
      current = requireMap(value, nestedAccess)
    }
    return member(current, this.#steps[last]!)
  }

  #lastStep(): number {
    // The empty path is a valid setting that fits no record.
    if (this.#steps.length === 0) throw new RangeError('Index -1 out of bounds for length 0')
    return this.#steps.length - 1
  }
}

function stepsOf(path: string): string[] {
  const steps: string[] = []
  let at = 0
  while (at < path.length) {
    const step = path[at] === '`' ? quotedStep(path, at) : plainStep(path, at)
    steps.push(step.name)
    at = step.end
    // The dot that ends the path begins one more step, which is empty.
    if (path[at] === '.' && ++at === path.length) steps.push('')
  }
  return steps
}

interface Step {
  readonly name: string
  /** The place of the dot behind it, or of the end of the path. */
  readonly end: number
}

function plainStep(path: string, start: number): Step {
  const dot = path.indexOf('.', start)
  const end = dot < 0 ? path.length : dot
  return { name: path.slice(start, end), end }
}

function quotedStep(path: string, start: number): Step {
  let name = ''
  let from = start + 1
  for (let tick = path.indexOf('`', from); tick >= 0; tick = path.indexOf('`', tick + 1)) {
    const isLast = tick === path.length - 1
    if (!isLast && path[tick + 1] !== '.') continue
    const isEscaped = tick > from && path[tick - 1] === '\\'
    if (!isEscaped) return { name: name + path.slice(from, tick), end: tick + 1 }
    if (isLast) break
    name += `${path.slice(from, tick - 1)}\``
    from = tick + 1
  }
  throw new ConfigError(
    `Incomplete backtick pair in path: [${path}], consider adding a backslash before backtick at position ${start} to escape it`,
    { key: 'field' },
  )
}
