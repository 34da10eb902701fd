import { parentPort, workerData } from 'node:worker_threads'
import { toError } from '../errors.ts'
import { describeError, type Logger, type LogLevel } from '../util/logger.ts'
import { Broker, type BrokerOptions } from './broker.ts'

/** What the thread tells the one that started it. */
export type BrokerThreadMessage =
  | { type: 'ready'; port: number }
  | { type: 'failed'; message: string; code: string | null }
  | { type: 'log'; level: LogLevel; logger: string; message: string }
  | { type: 'closed' }

/** `workerData`: the options of the broker but the logger, and the lowest level of log lines that are wanted. */
export type BrokerThreadData = Omit<BrokerOptions, 'log'> & { logLevel?: LogLevel }

const levels: LogLevel[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL', 'OFF']

/** The broker in a worker thread: heartbeats are heard there, whatever the program's own thread does. */
async function run(): Promise<void> {
  const port = parentPort
  if (port === null) throw new Error('broker-thread is started as a worker thread.')
  const post = (message: BrokerThreadMessage) => port.postMessage(message)
  const { logLevel = 'INFO', ...options } = workerData as BrokerThreadData
  try {
    const broker = await Broker.open({ ...options, log: forwardingLogger(post, logLevel) })
    port.on('message', (message: { type: string }) => {
      if (message.type !== 'close') return
      void broker.close().finally(() => {
        post({ type: 'closed' })
        port.close()
      })
    })
    post({ type: 'ready', port: broker.port })
  } catch (thrown) {
    const error: Error & { code?: unknown } = toError(thrown)
    post({ type: 'failed', message: error.message, code: typeof error.code === 'string' ? error.code : null })
    port.close()
  }
}

function forwardingLogger(
  post: (message: BrokerThreadMessage) => void,
  threshold: LogLevel,
  logger = 'tsconnect.broker',
  context = '',
): Logger {
  const isEnabled = (level: LogLevel) => levels.indexOf(level) >= levels.indexOf(threshold)
  const at = (level: LogLevel) => (message: string, error?: unknown) => {
    if (!isEnabled(level)) return
    const trace = error === undefined ? '' : `\n${describeError(error)}`
    post({ type: 'log', level, logger, message: context + message + trace })
  }
  return {
    trace: at('TRACE'),
    debug: at('DEBUG'),
    info: at('INFO'),
    warn: at('WARN'),
    error: at('ERROR'),
    isEnabled,
    inContext: (inner) => forwardingLogger(post, threshold, logger, inner),
    named: (other) => forwardingLogger(post, threshold, other, context),
  }
}

await run()
