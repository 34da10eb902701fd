import { ConfigError, ConnectError, KafkaError, toError } from '../errors.ts'
import { watchEventLoop } from '../runtime/plugin-calls.ts'
import { createLogger, type Logger } from '../util/logger.ts'
import { aborted } from '../util/within.ts'
import type { StandaloneArguments } from './arguments.ts'
import { createConnectors } from './create-connectors.ts'
import { openLog } from './log-options.ts'
import { guardProcess } from './process-guard.ts'
import { stopOnSignals } from './signals.ts'
import { startWorker, type RunningWorker } from './start-worker.ts'
import { ConnectorWatch } from './watch.ts'

/**
 * Runs a worker until a signal ends it; returns the exit code: 2 when it could not start, 3 when a connector
 * could not be created, as Kafka Connect does, and the signal's code after an orderly stop.
 */
export async function runStandalone(args: StandaloneArguments): Promise<number> {
  const output = openLog(args.log)
  process.on('exit', () => output.flush())
  const log = createLogger(output, 'org.apache.kafka.connect.cli.ConnectStandalone')
  const signal = exitCodeOfSignal(log)
  guardProcess(log)
  watchEventLoop({ log })

  let worker: RunningWorker
  try {
    const started = await Promise.race([startWorker(args, log, { loggers: output.loggers }), signal])
    // Nothing is running yet that would have to be stopped in order.
    if (typeof started === 'number') return started
    worker = started
  } catch (error) {
    logFailure(log, 'Stopping due to error', error)
    return 2
  }
  const watch = args.watch ? new ConnectorWatch({ ...worker, log }) : null
  const created = await Promise.race([
    watch === null
      ? createConnectors(args.connectorFiles, worker, log)
      : watch.start(args.connectorFiles).then(() => true),
    signal.then(() => null),
  ])
  if (created === false) {
    log.error('Stopping after connector error')
    await worker.stop()
    return 3
  }
  if (created) {
    worker.herder.setReady()
    log.info(`Kafka Connect started in ${(process.uptime() * 1000).toFixed(0)} ms`)
  }
  const code = await signal
  log.info('Kafka Connect stopping')
  watch?.stop()
  await worker.stop()
  log.info('Kafka Connect stopped')
  return code
}

/** Resolves with the exit code of the first signal; the second leaves at once. */
async function exitCodeOfSignal(log: Logger): Promise<number> {
  const { stopping, code } = stopOnSignals((name, isFirst) => {
    if (isFirst) log.info(`${name} received: stopping. The same signal again leaves at once.`)
    else log.warn(`${name} received again: leaving at once.`)
  })
  await aborted(stopping)
  return code()!
}

/** One message for what a user can mend; the trace too for what is our own mistake. */
export function logFailure(log: Logger, what: string, thrown: unknown): void {
  const error = toError(thrown)
  const isExplained =
    error instanceof ConfigError || error instanceof ConnectError || error instanceof KafkaError
  if (isExplained) log.error(`${what}: ${error.message}${causeText(error)}`)
  else log.error(what, error)
}

/** Messages about settings say all; others may wrap what says more. */
function causeText(error: Error): string {
  const { message, cause } = error
  return !(error instanceof ConfigError) &&
    cause instanceof Error &&
    cause.message !== '' &&
    !message.includes(cause.message)
    ? `: ${cause.message}`
    : ''
}
