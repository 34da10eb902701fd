/** From silence to everything, as Kafka Connect (log4j) names them. */
export const logLevels = ['OFF', 'FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE', 'ALL'] as const

export type LogLevel = (typeof logLevels)[number]

const severity: Readonly<Record<LogLevel, number>> = {
  ALL: 0,
  TRACE: 1,
  DEBUG: 2,
  INFO: 3,
  WARN: 4,
  ERROR: 5,
  FATAL: 6,
  OFF: 7,
}

/** The level of this name, in any case of letters; null where there is none. */
export function parseLevel(text: string): LogLevel | null {
  const upper = text.trim().toUpperCase()
  return logLevels.find((level) => level === upper) ?? null
}

/** Whether a line of this level is written by a logger at `threshold`. */
export function isWanted(level: LogLevel, threshold: LogLevel): boolean {
  return severity[level] >= severity[threshold]
}
