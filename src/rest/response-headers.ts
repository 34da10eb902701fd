import { type ServerResponse, validateHeaderName, validateHeaderValue } from 'node:http'
import { type HeaderRule, parseHeaderRules } from '../config/header-rules.ts'
import { ConfigError, toError } from '../errors.ts'

/** Writes the headers that every answer carries. */
export type HeaderWriter = (response: ServerResponse) => void

const key = 'response.http.headers.config'

/** `response.http.headers.config`. Throws ConfigError for a header that no answer could carry. */
export function headerWriter(text: string): HeaderWriter {
  const rules = parseHeaderRules(text)
  for (const rule of rules) check(rule)
  return (response) => {
    for (const { action, name, value } of rules) {
      const isDate = action === 'setDate' || action === 'addDate'
      const content = isDate ? new Date(Date.now() + Number(value)).toUTCString() : value
      if (action === 'set' || action === 'setDate') response.setHeader(name, content)
      else response.appendHeader(name, content)
    }
  }
}

function check({ action, name, value }: HeaderRule): void {
  if (action.endsWith('Date') && !/^[+-]?\d{1,15}$/.test(value)) {
    throw refused(
      `${action} ${name}:${value}`,
      `${value} is not a number of ms to add to the time of the answer`,
    )
  }
  if (/^(?:content-length|transfer-encoding)$/i.test(name)) {
    throw refused(`${action} ${name}:${value}`, `${name} says where an answer ends, which no setting knows`)
  }
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
  } catch (error) {
    throw refused(`${action} ${name}:${value}`, toError(error).message)
  }
}

function refused(rule: string, why: string): ConfigError {
  return new ConfigError(`Invalid value ${rule} for configuration ${key}: ${why}`, { key })
}
