import { Worker } from 'node:worker_threads'
import type { BrokerThreadMessage } from '../broker/broker-thread.ts'
import type { FlushPolicy } from '../broker/log/flusher.ts'
import { ConfigError } from '../errors.ts'
import { isLoopbackHost } from '../rest/listener.ts'
import { deferred } from '../util/deferred.ts'
import type { Logger, LogLevel } from '../util/logger.ts'
import { distFile } from './dist-file.ts'

export interface EmbeddedBroker {
  readonly port: number
  close(): Promise<void>
}

interface BrokerOptions {
  readonly host: string
  readonly port: number
  readonly dataDir: string | null
  readonly flush: FlushPolicy
}

/**
 * Runs the broker in a thread of its own, so that no busy task can starve it. Throws ConfigError when it cannot
 * start: the address or its folder is taken.
 */
export async function startEmbeddedBroker(options: BrokerOptions, log: Logger): Promise<EmbeddedBroker> {
  const thread = new Worker(distFile('broker-thread.js'), {
    workerData: options,
    stdout: false,
    stderr: false,
  })
  const ready = deferred<number>()
  const closed = deferred()
  let isClosing = false
  thread.on('message', (message: BrokerThreadMessage) => {
    if (message.type === 'ready') ready.resolve(message.port)
    else if (message.type === 'failed') {
      ready.reject(
        new ConfigError(`The embedded broker could not start: ${message.message}`, {
          key: 'bootstrap.servers',
        }),
      )
    } else if (message.type === 'closed') closed.resolve()
    else write(log.named(message.logger), message.level, message.message)
  })
  thread.on('error', (error) => {
    ready.reject(error)
    log.error('The embedded broker failed.', error)
  })
  thread.on('exit', () => {
    ready.reject(new Error('The embedded broker ended before it was ready.'))
    closed.resolve()
    if (!isClosing) log.error('The embedded broker has ended.')
  })
  try {
    const port = await ready.promise
    return {
      port,
      async close() {
        isClosing = true
        thread.postMessage({ type: 'close' })
        await closed.promise
        await thread.terminate()
      },
    }
  } catch (error) {
    isClosing = true
    await thread.terminate()
    throw error
  }
}

/** The loopback address that `bootstrap.servers` names first. Throws ConfigError for any other. */
export function embeddedAddress(bootstrapServers: readonly string[]): { host: string; port: number } {
  const first = bootstrapServers[0] ?? 'localhost:9092'
  const match = /^(?:[A-Z_]+:\/\/)?(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(first.trim())
  const host = match?.[1]?.replace(/^\[|\]$/g, '')
  if (!match || host === undefined) {
    throw new ConfigError(
      `Invalid value ${first} for configuration bootstrap.servers: an address looks like localhost:9092`,
      {
        key: 'bootstrap.servers',
      },
    )
  }
  if (!isLoopbackHost(host)) {
    throw new ConfigError(
      `--embedded-broker listens on this machine only, but bootstrap.servers is ${first}. Name a loopback address such as localhost:9092, or leave the option out.`,
      { key: 'bootstrap.servers' },
    )
  }
  return { host, port: Number(match[2]) }
}

function write(log: Logger, level: LogLevel, message: string): void {
  if (level === 'ERROR' || level === 'FATAL') log.error(message)
  else if (level === 'WARN') log.warn(message)
  else if (level === 'INFO') log.info(message)
  else log.debug(message)
}
