import type { Props } from '../../api/plugin.ts'
import { KafkaError, toError } from '../../errors.ts'
import type { Admin, ClientSettings, KafkaClients, PartitionExtent } from '../../kafka/client.ts'
import { kafkaClients } from '../../kafka/kafkajs-clients.ts'
import { adminSettings, consumerSettings, producerSettings } from '../../runtime/client-settings.ts'
import { createLogger, type Logger, LogOutput, silentLogger } from '../../util/logger.ts'
import { isSecretName, secrets } from '../../util/secrets.ts'
import { readWorkerFile } from '../worker-file.ts'
import { checkNames } from './client-properties.ts'
import type { CommandIo } from './io.ts'
import { OutputClosed } from './output.ts'
import { isUsage, UsageError } from './usage-error.ts'

/** How to reach the brokers, as every command is told. */
export interface ClientOptions {
  readonly bootstrap?: string
  readonly worker?: string
  /** `key=value`, for every client. */
  readonly property?: readonly string[]
}

export interface Session {
  readonly clients: KafkaClients
  /** It has reached a broker. */
  readonly admin: Admin
  readonly producer: ClientSettings
  /** Without a group of its own. */
  readonly consumer: ClientSettings
  readonly log: Logger
}

const reachTimeoutMs = 5000

/**
 * Runs a command with its clients; returns the exit code: its own, or that of what was thrown, which is said: 1 a
 * problem, 2 usage, 3 no broker. `prepare` looks at the options, before any broker is
 * asked.
 */
export async function inSession(
  command: string,
  options: ClientOptions,
  io: CommandIo,
  prepare: () => (session: Session) => Promise<number>,
): Promise<number> {
  let admin: Admin | null = null
  let isReached = false
  try {
    const work = prepare()
    const worker = workerSettings(command, options)
    const clients = kafkaClients()
    // What the clients have to say of a broker that is away is said once, at the end.
    const log = warnings((message) => isReached && io.say(message))
    admin = clients.admin(adminSettings(worker, {}, ''), log)
    await admin.describeCluster(reachTimeoutMs)
    isReached = true
    return await work({
      clients,
      admin,
      producer: producerSettings(worker, {}, ''),
      consumer: consumerSettings(worker, {}, { connector: command, task: 0 }),
      log,
    })
  } catch (thrown) {
    if (thrown instanceof OutputClosed) return 0
    return explain(toError(thrown), isReached, io)
  } finally {
    await admin?.close()
  }
}

/** Throws a UsageError where there is no such topic, or not the partition of it that is asked for. */
export async function checkTopic(
  { admin }: Session,
  topic: string,
  partition: number | null = null,
): Promise<void> {
  const count = (await admin.describeTopics([topic])).get(topic)
  if (count === undefined) throw new UsageError(`There is no topic ${topic}.`)
  if (partition !== null) checkPartition(topic, count, partition)
}

export function checkPartition(topic: string, count: number, partition: number): void {
  if (partition >= count)
    throw new UsageError(`Topic ${topic} has no partition ${partition}: it has ${count}, from 0.`)
}

/** What each partition of the topic holds. */
export async function extentOf(
  { clients, consumer, log }: Session,
  topic: string,
): Promise<readonly PartitionExtent[]> {
  const reader = clients.topicReader(consumer, log)
  try {
    return await reader.extent(topic)
  } finally {
    await reader.close()
  }
}

function explain(error: Error, isReached: boolean, io: CommandIo): number {
  const isRefused =
    error instanceof KafkaError &&
    (error.code === 'SASL_AUTHENTICATION_FAILED' || error.code === 'SSL_AUTHENTICATION_FAILED')
  if (error instanceof KafkaError && (isRefused || !isReached || isAway(error))) {
    io.say(`The broker cannot be reached: ${error.message}`)
    return 3
  }
  io.say(error.message)
  return isUsage(error) ? 2 : 1
}

function isAway({ code, retriable }: KafkaError): boolean {
  return retriable && ['NETWORK_EXCEPTION', 'REQUEST_TIMED_OUT', 'BROKER_NOT_AVAILABLE'].includes(code ?? '')
}

/** As if it were all in the worker file: what is given on the command line counts for every client, and wins. */
function workerSettings(command: string, { bootstrap, worker, property = [] }: ClientOptions): Props {
  const given = property.map(keyAndValue)
  checkNames(Object.fromEntries(given))
  if (bootstrap !== undefined) given.push(['bootstrap.servers', bootstrap])
  return {
    ...forClients('client.id', `tsconnect-${command}`),
    // A worker waits for ever, a command does not.
    'producer.max.block.ms': '15000',
    'producer.delivery.timeout.ms': '120000',
    ...(worker === undefined ? {} : readWorkerFile(worker, silentLogger).props),
    ...Object.assign({}, ...given.map(([key, value]) => ({ [key]: value, ...forClients(key, value) }))),
  }
}

function forClients(key: string, value: string): Props {
  return { [`producer.${key}`]: value, [`consumer.${key}`]: value, [`admin.${key}`]: value }
}

function keyAndValue(text: string): [key: string, value: string] {
  const at = text.indexOf('=')
  if (at < 1) throw new UsageError(`-X ${at < 0 ? text : '=...'} is not understood. It takes key=value.`)
  const [key, value] = [text.slice(0, at).trim(), text.slice(at + 1)]
  if (isSecretName(key)) secrets.add(value.trim())
  return [key, value]
}

function warnings(write: (line: string) => void): Logger {
  const output = new LogOutput(write, { format: ({ message }) => message })
  output.loggers.setInitial('root', 'WARN')
  return createLogger(output, 'tsconnect')
}
