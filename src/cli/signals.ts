export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'
const signalCodes: Record<StopSignal, number> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }

export interface Stop {
  /** Aborted by the first signal. */
  readonly stopping: AbortSignal
  /** The exit code that the signal asks for; null before there was one. */
  code(): number | null
}

/** Listens to the signals that end a program: the first asks it to stop in order, the second leaves at once. */
export function stopOnSignals(): Stop {
  const stop = new AbortController()
  let code: number | null = null
  for (const [name, codeOfSignal] of Object.entries(signalCodes)) {
    process.on(name, () => {
      if (code !== null) process.exit(codeOfSignal)
      code = codeOfSignal
      stop.abort()
    })
  }
  return { stopping: stop.signal, code: () => code }
}
