import { ConfigError } from '../errors.ts'

/** One rule of `response.http.headers.config`. */
export interface HeaderRule {
  readonly action: 'set' | 'add' | 'setDate' | 'addDate'
  readonly name: string
  /** For the date actions: ms added to the time of the response. */
  readonly value: string
}

const actions = ['set', 'add', 'setDate', 'addDate'] as const
const key = 'response.http.headers.config'

/**
 * Reads rules such as `set X-Frame-Options: DENY, "add Cache-Control: no-cache, no-store", addDate Expires: 0`.
 * Throws ConfigError with Kafka Connect's messages.
 */
export function parseHeaderRules(text: string): HeaderRule[] {
  return splitRules(text).map(parseRule)
}

/** Commas separate rules, except within double quotes, which also keep blanks. */
function splitRules(text: string): string[] {
  const rules = text.match(/(?:"(?:[^"\\]|\\.)*"?|[^",])+/g) ?? []
  const plain = rules.map((rule) =>
    rule.trim().replace(/"((?:[^"\\]|\\.)*)"?/g, (_, quoted: string) => quoted.replace(/\\(.)/g, '$1')),
  )
  return plain.filter((rule) => rule !== '')
}

function parseRule(rule: string): HeaderRule {
  const [, actionText = '', header = ''] =
    /^(\S+)\s+(\S[^]*)$/.exec(rule.trim()) ??
    fail(`Invalid format of header config '${rule}'. Expected: '[action] [header name]:[header value]'`)
  const action =
    actions.find((known) => known.toLowerCase() === actionText.toLowerCase()) ??
    fail(`Invalid header config action: '${actionText}'. Expected one of [${actions.join(', ')}]`)
  const parts = header.split(':')
  if (parts.length !== 2) {
    fail(
      `Invalid format of header name and header value pair '${header}'. Expected: '[header name]:[header value]'`,
    )
  }
  const name = parts[0]!.trim()
  if (name === '' || /\s/.test(name)) {
    fail(`Invalid header name '${name}'. The '[header name]' cannot contain whitespace`)
  }
  return { action, name, value: parts[1]!.trim() }
}

function fail(message: string): never {
  throw new ConfigError(message, { key })
}
