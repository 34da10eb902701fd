import type { LogLevel } from './levels.ts'

export interface LogEntry {
  readonly at: Date
  readonly level: LogLevel
  /** Connect's `connector.context`, such as `[files|task-0] `; empty outside of a connector. */
  readonly context: string
  readonly logger: string
  readonly message: string
  readonly error: LoggedError | null
  /** How often the same was to be said again, where the entry stands for these. */
  readonly repeated?: number
}

export interface LoggedError {
  readonly class: string
  readonly message: string
  /** With frames and causes, or only its first line. */
  readonly stack: string
}

export type LogFormat = (entry: LogEntry) => string

/** Kafka Connect's pattern: `[2024-10-25 12:34:56,789] INFO [files|task-0] text (logger)`. */
export const textFormat: LogFormat = ({ at, level, context, logger, message, error }) =>
  `[${localTime(at)}] ${level} ${context}${message} (${logger})${error === null ? '' : `\n${error.stack}`}\n`

/** One JSON object in one line; what an entry does not have is left out. */
export const jsonFormat: LogFormat = ({ at, level, context, logger, message, error, repeated }) => {
  const place = contextParts(context)
  const object = { timestamp: at.toISOString(), level, logger, ...place, message }
  return `${JSON.stringify({ ...object, ...(repeated && { repeated }), ...(error && { error }) })}\n`
}

export function loggedError(thrown: unknown): LoggedError {
  const stack = describeError(thrown)
  return thrown instanceof Error
    ? { class: thrown.name, message: thrown.message, stack }
    : { class: typeof thrown, message: String(thrown), stack }
}

/** The trace of an error with its causes, as Java prints them. */
export function describeError(error: unknown): string {
  let text = ''
  const seen = new Set<unknown>()
  for (
    let at: unknown = error, prefix = '';
    at !== undefined && at !== null && !seen.has(at);
    prefix = '\nCaused by: '
  ) {
    seen.add(at)
    text += prefix + (at instanceof Error ? (at.stack ?? `${at.name}: ${at.message}`) : String(at))
    at = at instanceof Error ? at.cause : undefined
  }
  return text
}

/** A connector's name may hold any character, so the part after its last `|` decides. */
function contextParts(context: string): { connector?: string; task?: number } {
  const [, connector, task] = /^\[(.*)\|(?:worker|task-(\d+)(?:\|offsets)?)\] $/s.exec(context) ?? []
  if (connector === undefined) return {}
  return task === undefined ? { connector } : { connector, task: Number(task) }
}

function localTime(at: Date): string {
  const two = (n: number) => String(n).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
  return `${day} ${time},${String(at.getMilliseconds()).padStart(3, '0')}`
}
