import { ConfigError } from '../errors.ts'
import { javaDoubleText } from './java-text.ts'
import { readJson } from './json-reader.ts'
import { parseProperties, type Duplicate, type Position, type Sourced } from './properties.ts'
import { readTextFile } from './read-file.ts'

export type InitialState = 'RUNNING' | 'PAUSED' | 'STOPPED'

export interface ConnectorFile {
  readonly name: string
  /** The settings, `name` included, variables unresolved. */
  readonly config: Sourced
  /** null: not said, which means running. */
  readonly initialState: InitialState | null
}

/** Reads a connector file. Throws ConfigError when it cannot be read or is none. */
export function readConnectorFile(path: string): ConnectorFile {
  return parseConnectorFile(readTextFile(path), path)
}

/**
 * The text is taken for what it is, whatever the file is called: a flat JSON object of settings, the JSON object of a
 * create request, else properties. Broken JSON is therefore read as properties, like in Kafka Connect.
 */
export function parseConnectorFile(text: string, file: string): ConnectorFile {
  const json = parseJsonObject(text, file)
  const parsed = json === null ? null : (flatFile(json, file) ?? requestFile(json, file))
  if (parsed !== null) return parsed
  const config = parseProperties(text, file)
  return { name: config.values['name'] ?? missingName(file, json), config, initialState: null }
}

interface JsonObject {
  readonly members: Readonly<Record<string, unknown>>
  /** Where members stand: those of the outer object at depth 1, those of `config` at depth 2. */
  readonly places: ReadonlyMap<string, Position[]>
  /** Why it is no JSON object, if it looked like one. */
  readonly problem?: string
}

function parseJsonObject(text: string, file: string): JsonObject | null {
  if (!/^[ \t\r\n]*\{/.test(text)) return null
  const places = new Map<string, Position[]>()
  const place = lineIndex(text, file)
  let outer = ''
  try {
    const members = readJson(text, {
      number: (token) => new NumberToken(token),
      member(key, offset, depth) {
        if (depth === 1) outer = key
        if (depth > 2) return
        const path = depth === 1 ? key : `${outer}\n${key}`
        places.set(path, [...(places.get(path) ?? []), place(offset)])
      },
    })
    return { members: members as Record<string, unknown>, places }
  } catch (thrown) {
    return { members: {}, places, problem: (thrown as Error).message }
  }
}

/** A number as text, as Jackson writes it: integers as they stand, others as Java's doubles. */
class NumberToken {
  readonly #token: string
  constructor(token: string) {
    this.#token = token
  }
  toString(): string {
    return /^-?\d+$/.test(this.#token) ? this.#token : javaDoubleText(Number(this.#token))
  }
}

function flatFile({ members, places, problem }: JsonObject, file: string): ConnectorFile | null {
  if (problem !== undefined || !Object.values(members).every(isScalar)) return null
  const config = sourced(members, file, (key) => places.get(key))
  return { name: config.values['name'] ?? missingName(file, null), config, initialState: null }
}

function requestFile({ members, places, problem }: JsonObject, file: string): ConnectorFile | null {
  if (problem !== undefined) return null
  const { name, config: inner, initial_state: state } = members
  if (!isScalar(name) || name === null || typeof inner !== 'object' || inner === null || Array.isArray(inner))
    return null
  if (!Object.values(inner).every(isScalar)) return null
  const initialState = state === undefined || state === null ? null : initialStateOf(state)
  if (initialState === undefined) return null

  const given = inner as Record<string, unknown>
  const text = scalarText(name)!
  const isNamed = Object.hasOwn(given, 'name')
  if (isNamed && scalarText(given['name']) !== text) {
    throw new ConfigError(
      `Connector name configuration in 'config' doesn't match the one specified in 'name' at '${file}'`,
      { key: 'name' },
    )
  }
  const config = sourced({ ...given, name: text }, file, (key) =>
    places.get(key === 'name' && !isNamed ? key : `config\n${key}`),
  )
  return { name: text, config, initialState }
}

/** undefined: there is no such state. */
function initialStateOf(state: unknown): InitialState | undefined {
  return (['RUNNING', 'PAUSED', 'STOPPED'] as const).find((known) => known === String(state).toUpperCase())
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value !== 'object' || value instanceof NumberToken
}

function scalarText(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value)
}

function sourced(
  members: Readonly<Record<string, unknown>>,
  file: string,
  placesOf: (key: string) => readonly Position[] | undefined,
): Sourced {
  const values = Object.create(null) as Record<string, string | null>
  const duplicates: Duplicate[] = []
  for (const [key, value] of Object.entries(members)) {
    values[key] = scalarText(value)
    const positions = placesOf(key) ?? []
    if (positions.length > 1) duplicates.push({ key, positions })
  }
  return {
    file,
    values,
    duplicates,
    origin: (key) => (Object.hasOwn(values, key) ? placesOf(key)?.at(-1) : undefined),
  }
}

function missingName(file: string, json: JsonObject | null): never {
  const message = `Connector configuration at '${file}' is missing the mandatory 'name' configuration`
  // Kafka Connect leaves it at that when a bracket is missing in JSON.
  throw new ConfigError(
    json?.problem === undefined ? message : `${message} (read as properties, because: ${json.problem})`,
    {
      key: 'name',
    },
  )
}

/** Turns offsets, asked for in ascending order, into lines and columns. */
function lineIndex(text: string, file: string): (offset: number) => Position {
  let line = 1
  let lineStart = 0
  let at = 0
  return (offset) => {
    for (let end = text.indexOf('\n', at); end >= 0 && end < offset; end = text.indexOf('\n', at)) {
      line++
      lineStart = at = end + 1
    }
    return { file, line, column: offset - lineStart + 1 }
  }
}
