export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'
const signalCodes: Record<StopSignal, number> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }

export interface Stop {
  /** Aborted by the first signal. */
  readonly stopping: AbortSignal
  /** The exit code that the signal asks for; null before there was one. */
  code(): number | null
}

/**
 * Listens to the signals that end a program: the first asks it to stop in order, the second leaves at once.
 * `heard` is told of each before anything comes of it.
 */
export function stopOnSignals(heard?: (name: StopSignal, isFirst: boolean) => void): Stop {
  const stop = new AbortController()
  let code: number | null = null
  for (const name of Object.keys(signalCodes) as StopSignal[]) {
    process.on(name, () => {
      const isFirst = code === null
      heard?.(name, isFirst)
      if (!isFirst) process.exit(signalCodes[name])
      code = signalCodes[name]
      stop.abort()
    })
  }
  return { stopping: stop.signal, code: () => code }
}
