import { resolve } from 'node:path'
import { Broker } from '../../broker/broker.ts'
import type { FlushPolicy } from '../../broker/log/flusher.ts'
import { saslMechanisms } from '../../broker/security/authenticator.ts'
import { toError } from '../../errors.ts'
import { isLoopbackHost } from '../../rest/listener.ts'
import { createLogger } from '../../util/logger.ts'
import { aborted } from '../../util/within.ts'
import { readBrokerSecurity, type SecurityOptions } from '../broker-security.ts'
import type { CommandIo } from '../kafka/io.ts'
import { UsageError } from '../kafka/usage-error.ts'
import { openLog, readLogOptions } from '../log-options.ts'

export interface BrokerCommandOptions extends SecurityOptions {
  readonly listen: string
  readonly data: string
  readonly memory?: boolean
  readonly flush: string
  readonly advertise?: string
  readonly insecure?: boolean
  readonly logLevel: readonly string[]
  readonly logFormat?: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** Runs the broker until a signal ends it; returns the exit code: the signal's, or 2 where it could not start. */
export async function runBroker(
  options: BrokerCommandOptions,
  io: CommandIo,
  env: Environment,
): Promise<number> {
  const { stop } = io
  let broker: Broker
  try {
    broker = await openBroker(options, env)
  } catch (thrown) {
    io.say(explained(toError(thrown), options))
    return 2
  }
  try {
    await io.stdout.write(greeting(broker, options))
    await aborted(stop.stopping)
  } finally {
    await broker.close()
  }
  return stop.code() ?? 0
}

function openBroker(options: BrokerCommandOptions, env: Environment): Promise<Broker> {
  const { host, port } = parseAddress('--listen', options.listen)
  const advertised = options.advertise === undefined ? null : parseAddress('--advertise', options.advertise)
  let log
  try {
    log = createLogger(openLog(readLogOptions(options, env)), 'tsconnect.broker')
  } catch (error) {
    throw new UsageError(toError(error).message)
  }
  const security = readBrokerSecurity(options, { env, log })
  const isLocked = security.sasl !== undefined || security.tls?.clientAuth === 'required'
  if (!isLoopbackHost(host) && !isLocked && options.insecure !== true) {
    throw new UsageError(
      `--listen ${options.listen} lets other machines in: whoever reaches it may read, write and delete everything. ` +
        '--users FILE asks for passwords, --tls-ca FILE for client certificates; --insecure starts it without.',
    )
  }
  return Broker.open({
    host,
    port,
    dataDir: options.memory === true ? null : resolve(options.data),
    flush: parseFlush(options.flush),
    ...security,
    insecure: options.insecure === true,
    ...(advertised && { advertisedHost: advertised.host, advertisedPort: advertised.port }),
    log,
  })
}

function greeting({ host, port }: Broker, options: BrokerCommandOptions): string {
  const { memory, data, flush, advertise } = options
  const address = addressText(host, port)
  const isEverywhere = advertise === undefined && (host === '0.0.0.0' || host === '::')
  const told = isEverywhere ? `localhost:${port} (--advertise HOST:PORT names another address)` : advertise
  const where =
    memory === true ? 'in memory only' : `in ${resolve(data)}, flushed ${flushes[parseFlush(flush)]}`
  return [
    `Kafka clients are served at ${address}${told === undefined ? '' : `, and told to connect to ${told}`}\n`,
    `The data is ${where}\n`,
    securityLine(options),
  ].join('')
}

function securityLine({ users, tlsKey }: SecurityOptions): string {
  if (users === undefined && tlsKey === undefined) return ''
  const protocol = (users === undefined ? '' : 'SASL_') + (tlsKey === undefined ? 'PLAINTEXT' : 'SSL')
  const mechanism = users === undefined ? '' : `, sasl.mechanism is one of ${saslMechanisms.join(', ')}`
  return `Clients need security.protocol=${protocol}${mechanism}\n`
}

const flushes: Record<FlushPolicy, string> = {
  interval: 'once a second',
  always: 'before anything is acknowledged',
  never: 'when the system does it',
}

function parseFlush(text: string): FlushPolicy {
  if (Object.hasOwn(flushes, text)) return text as FlushPolicy
  throw new UsageError(`--flush ${text} is not understood. It takes ${Object.keys(flushes).join(', ')}.`)
}

/** `localhost:9092`, `[::1]:9092`. */
export function parseAddress(option: string, text: string): { host: string; port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) > 65_535)
    throw new UsageError(`${option} ${text} is not understood. An address looks like 127.0.0.1:9092.`)
  return { host, port: Number(port) }
}

function addressText(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** What the system says of the folder names a file in it, or none. */
function explained(error: NodeJS.ErrnoException, { data, memory }: BrokerCommandOptions): string {
  if (memory === true || error.syscall === undefined) return error.message
  return `The broker cannot use the folder ${resolve(data)} (--data): ${error.message}`
}
