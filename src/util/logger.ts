import { writeSync } from 'node:fs'

export type LogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL' | 'OFF'

/**
 * Log lines in Kafka Connect's pattern, `[2024-10-25 12:34:56,789] INFO [files|task-0] text (logger)`, on
 * stderr: stdout belongs to records. `context` is Connect's `connector.context`, with its trailing blank.
 */
export interface Logger {
  trace(message: string, error?: unknown): void
  debug(message: string, error?: unknown): void
  info(message: string, error?: unknown): void
  warn(message: string, error?: unknown): void
  error(message: string, error?: unknown): void
  isEnabled(level: LogLevel): boolean
  /** The same logger inside a connector context, such as `[files|task-0] `. */
  inContext(context: string): Logger
  /** Another logger, by name, in the same context. */
  named(name: string): Logger
}

const rank: Record<LogLevel, number> = { TRACE: 0, DEBUG: 1, INFO: 2, WARN: 3, ERROR: 4, FATAL: 5, OFF: 6 }

/** Where lines go and which are wanted: levels by logger name, the longest prefix wins. */
export class LogOutput {
  readonly #levels = new Map<string, LogLevel>([['root', 'INFO']])
  readonly #write: (line: string) => void
  /** Counts changes of levels, so that loggers may keep what they looked up. */
  generation = 0

  constructor(write: (line: string) => void = writeToStderr) {
    this.#write = write
  }

  level(logger: string): LogLevel {
    for (let name = logger; name !== ''; name = name.slice(0, Math.max(0, name.lastIndexOf('.')))) {
      const level = this.#levels.get(name)
      if (level !== undefined) return level
    }
    return this.#levels.get('root') ?? 'INFO'
  }

  setLevel(logger: string, level: LogLevel): void {
    this.#levels.set(logger, level)
    this.generation++
  }

  levels(): ReadonlyMap<string, LogLevel> {
    return this.#levels
  }

  line(level: LogLevel, context: string, logger: string, message: string, error: unknown): void {
    const trace = error === undefined ? '' : `\n${describeError(error)}`
    this.#write(`[${timestamp(new Date())}] ${level} ${context}${message} (${logger})${trace}\n`)
  }
}

export function createLogger(output: LogOutput, name: string, context = ''): Logger {
  let threshold = 0
  let generation = -1
  const isEnabled = (level: LogLevel) => {
    if (generation !== output.generation) {
      threshold = rank[output.level(name)]
      generation = output.generation
    }
    return rank[level] >= threshold
  }
  const at = (level: LogLevel) => (message: string, error?: unknown) => {
    if (isEnabled(level)) output.line(level, context, name, message, error)
  }
  return {
    trace: at('TRACE'),
    debug: at('DEBUG'),
    info: at('INFO'),
    warn: at('WARN'),
    error: at('ERROR'),
    isEnabled,
    inContext: (inner) => createLogger(output, name, inner),
    named: (other) => createLogger(output, other, context),
  }
}

/** A logger that keeps nothing, for tests and for embedding without output. */
export const silentLogger: Logger = createLogger(new LogOutput(() => {}), 'silent')

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

function timestamp(at: Date): string {
  const two = (n: number) => String(n).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
  return `${day} ${time},${String(at.getMilliseconds()).padStart(3, '0')}`
}

function writeToStderr(line: string): void {
  try {
    writeSync(2, line)
  } catch {
    // A closed or full stderr must not stop the records.
  }
}
