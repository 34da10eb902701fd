import { ConfigError } from '../errors.ts'
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
 * create request, else properties. Broken JSON is therefore read as properties, as in Kafka Connect.
 */
export function parseConnectorFile(text: string, file: string): ConnectorFile {
  const json = parseJsonObject(text, file)
  const fromJson = typeof json === 'string' ? json : (flatFile(json, file) ?? requestFile(json, file))
  if (typeof fromJson !== 'string') return fromJson
  const config = parseProperties(text, file)
  return { name: config.values['name'] ?? missingName(file, fromJson), config, initialState: null }
}

interface JsonObject {
  readonly members: Readonly<Record<string, unknown>>
  /** Where members stand, by name, those of inner objects as `outer\ninner`. */
  readonly places: ReadonlyMap<string, readonly Position[]>
}

/** A text instead of an object says why it is none; an empty one, that it does not look like one. */
function parseJsonObject(text: string, file: string): JsonObject | string {
  if (!/^[ \t\r\n]*\{/.test(text)) return ''
  const places = new Map<string, Position[]>()
  const position = positions(text, file)
  let outer = ''
  const member = (key: string, offset: number, depth: number) => {
    if (depth > 2) return
    if (depth === 1) outer = key
    const path = depth === 1 ? key : `${outer}\n${key}`
    const known = places.get(path)
    if (known === undefined) places.set(path, [position(offset)])
    else known.push(position(offset))
  }
  try {
    // Numbers become text as they are written, as Jackson makes them.
    const members = readJson(text, { number: (token) => token, member })
    return { members: members as Record<string, unknown>, places }
  } catch (thrown) {
    return (thrown as Error).message
  }
}

function flatFile({ members, places }: JsonObject, file: string): ConnectorFile | null {
  if (!Object.values(members).every(isScalar)) return null
  const config = sourced(members, file, (key) => places.get(key))
  return { name: config.values['name'] ?? missingName(file), config, initialState: null }
}

function requestFile({ members, places }: JsonObject, file: string): ConnectorFile | string {
  const { name, config: inner, initial_state: state } = members
  if (!isScalar(name ?? null)) return "'name' is no text"
  if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return "'config' is no object"
  if (!Object.values(inner).every(isScalar)) return "a value in 'config' is no text or number"
  const initialState = initialStateOf(state)
  if (initialState === undefined) return "'initial_state' is none of RUNNING, PAUSED and STOPPED"

  const given = inner as Record<string, unknown>
  const named = scalarText(name)
  const isNamedWithin = Object.hasOwn(given, 'name')
  if (isNamedWithin && scalarText(given['name']) !== named) {
    throw new ConfigError(
      `Connector name configuration in 'config' doesn't match the one specified in 'name' at '${file}'`,
      { key: 'name' },
    )
  }
  const config = sourced({ ...given, name: named ?? missingName(file) }, file, (key) =>
    places.get(key === 'name' && !isNamedWithin ? key : `config\n${key}`),
  )
  return { name: config.values['name']!, config, initialState }
}

/** undefined: there is no such state. */
function initialStateOf(state: unknown): InitialState | null | undefined {
  if (state === undefined || state === null) return null
  return (['RUNNING', 'PAUSED', 'STOPPED'] as const).find((known) => known === String(state).toUpperCase())
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value !== 'object'
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
  const origin = (key: string) => (Object.hasOwn(values, key) ? placesOf(key)?.at(-1) : undefined)
  return { file, values, duplicates, origin }
}

/** Kafka Connect's message, which leaves unsaid that a JSON file had a mistake. */
function missingName(file: string, jsonProblem = ''): never {
  const message = `Connector configuration at '${file}' is missing the mandatory 'name' configuration`
  const reason = jsonProblem === '' ? '' : ` (read as properties, because ${jsonProblem})`
  throw new ConfigError(message + reason, { key: 'name' })
}

/** Turns offsets, asked for in ascending order, into lines and columns. */
function positions(text: string, file: string): (offset: number) => Position {
  let line = 1
  let lineStart = 0
  return (offset) => {
    for (
      let end = text.indexOf('\n', lineStart);
      end >= 0 && end < offset;
      end = text.indexOf('\n', lineStart)
    ) {
      line++
      lineStart = end + 1
    }
    return { file, line, column: offset - lineStart + 1 }
  }
}
