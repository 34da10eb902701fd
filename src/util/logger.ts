import { type LogEntry, type LogFormat, loggedError, textFormat } from './log/format.ts'
import { isWanted, type LogLevel } from './log/levels.ts'
import { Loggers } from './log/loggers.ts'
import { Repeats } from './log/repeats.ts'
import { stderrLines } from './log/stderr.ts'
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

/**
 * Where lines go, in which form, and which are wanted. Lines that cannot be written (a full disk, a closed pipe) do not
 * stop the records; how many were lost is said ahead of the next one.
 */
export class LogOutput {
  readonly loggers = new Loggers()
  readonly #write: (line: string) => void
  readonly #format: LogFormat
  readonly #repeats: Repeats | null
  #lost = 0

  /** `write` throws when it cannot write. */
  constructor(
    write: (line: string) => void = stderrLines(),
    { format = textFormat, foldMs = 0 }: LogOutputOptions = {},
  ) {
    this.#write = write
    this.#format = format
    this.#repeats = foldMs > 0 ? new Repeats({ write: (entry) => this.#emit(entry), windowMs: foldMs }) : null
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
    if (this.#repeats === null) this.#emit(entry)
    else this.#repeats.take(entry)
  }

  #emit(entry: LogEntry): void {
    try {
      if (this.#lost > 0) this.#write(this.#format(lostLines(this.#lost)))
      this.#lost = 0
      this.#write(this.#format(entry))
    } catch {
      this.#lost++
    }
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

function lostLines(count: number): LogEntry {
  const what = count === 1 ? 'A line of the log' : `${count} lines of the log`
  const message = `${what} could not be written and ${count === 1 ? 'is' : 'are'} lost.`
  return { at: new Date(), level: 'WARN', context: '', logger: 'log', message, error: null }
}
