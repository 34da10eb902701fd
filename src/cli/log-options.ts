import { jsonFormat, textFormat } from '../util/log/format.ts'
import { type LogLevel, logLevels, parseLevel } from '../util/log/levels.ts'
import { LogOutput } from '../util/logger.ts'

export interface LogOptions {
  /** Later ones win. */
  readonly levels: readonly { readonly logger: string; readonly level: LogLevel }[]
  readonly format: keyof typeof formats
}

const formats = { text: textFormat, json: jsonFormat }

/** How long a repeated warning or error is counted instead of being written. */
const foldMs = 30_000

type Environment = Readonly<Record<string, string | undefined>>

/** What the options say, or else the environment. Throws an Error that says what is wrong with which. */
export function readLogOptions(
  { logLevel, logFormat }: { readonly logLevel: readonly string[]; readonly logFormat?: string },
  env: Environment,
): LogOptions {
  const fromEnv = readLevels(env['TSCONNECT_LOG_LEVEL'] ?? '', 'TSCONNECT_LOG_LEVEL')
  const levels = logLevel.flatMap((text) => readLevels(text, '--log-level'))
  const format =
    logFormat === undefined
      ? readFormat(env['TSCONNECT_LOG_FORMAT'] || 'text', 'TSCONNECT_LOG_FORMAT')
      : readFormat(logFormat, '--log-format')
  return { levels: [...fromEnv, ...levels], format }
}

export function openLog({ levels, format }: LogOptions, write?: (line: string) => void): LogOutput {
  const output = new LogOutput(write, { format: formats[format], foldMs })
  for (const { logger, level } of levels) output.loggers.setInitial(logger, level)
  return output
}

/** `DEBUG`, `org.apache.kafka.connect=DEBUG` or several of these with commas between them. */
function readLevels(text: string, origin: string): LogOptions['levels'] {
  const parts = text.split(',').filter((part) => part.trim() !== '')
  return parts.map((part) => {
    const at = part.lastIndexOf('=')
    const logger = at < 0 ? 'root' : part.slice(0, at).trim()
    const level = parseLevel(part.slice(at + 1))
    if (logger === '' || level === null) {
      throw new Error(
        `${origin} ${part.trim()} is not understood. It takes LEVEL or LOGGER=LEVEL; levels are ${logLevels.join(' ')}.`,
      )
    }
    return { logger, level }
  })
}

function readFormat(text: string, origin: string): LogOptions['format'] {
  if (text === 'text' || text === 'json') return text
  throw new Error(`${origin} ${text} is not understood. It takes text or json.`)
}
