import { writeSync } from 'node:fs'
import { type LogFormat, loggedError, textFormat } from './log/format.ts'
import { isWanted, type LogLevel } from './log/levels.ts'
import { Loggers } from './log/loggers.ts'
import { Repeats } from './log/repeats.ts'
import { redact } from './secrets.ts'
export { describeError } from './log/format.ts'
export type { LogLevel } from './log/levels.ts'

/**
 * Log lines as in Kafka Connect, on stderr: stdout belongs to records. `context` is Connect's `connector.context`,
 * with its trailing blank.
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

export interface LogOutputOptions {
  readonly format?: LogFormat
  /** How long a repeated warning or error is counted instead of being written; 0: every one is written. */
  readonly foldMs?: number
}

/** Where lines go, in which form, and which are wanted. */
export class LogOutput {
  readonly loggers = new Loggers()
  readonly #write: (line: string) => void
  readonly #format: LogFormat
  readonly #repeats: Repeats | null

  constructor(
    write: (line: string) => void = writeToStderr,
    { format = textFormat, foldMs = 0 }: LogOutputOptions = {},
  ) {
    this.#write = write
    this.#format = format
    this.#repeats =
      foldMs > 0 ? new Repeats({ write: (entry) => write(format(entry)), windowMs: foldMs }) : null
  }

  line(level: LogLevel, context: string, logger: string, message: string, thrown: unknown): void {
    const error = thrown === undefined ? null : loggedError(thrown)
    const entry = {
      at: new Date(),
      level,
      context,
      logger,
      message: redact(message),
      error: error && { ...error, message: redact(error.message), stack: redact(error.stack) },
    }
    if (this.#repeats === null) this.#write(this.#format(entry))
    else this.#repeats.take(entry)
  }

  /** Writes what was held back, for the end of the process. */
  flush(): void {
    this.#repeats?.flush()
  }
}

export function createLogger(output: LogOutput, name: string, context = ''): Logger {
  const { loggers } = output
  loggers.add(name)
  let threshold: LogLevel = 'INFO'
  let generation = -1
  const isEnabled = (level: LogLevel) => {
    if (generation !== loggers.generation) {
      threshold = loggers.level(name)
      generation = loggers.generation
    }
    return isWanted(level, threshold)
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

function writeToStderr(line: string): void {
  try {
    writeSync(2, line)
  } catch {
    // A closed or full stderr must not stop the records.
  }
}
