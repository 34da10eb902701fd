import { ConfigError } from '../errors.ts'
import type { CodecName } from '../protocol/record-batch.ts'
import type { Logger } from '../util/logger.ts'
import type { ClientSettings } from './client.ts'
import { refuseWeakening, warnOfUnused } from './known-settings.ts'
import { invalid, SettingsReader } from '../config/settings-reader.ts'
import { readConnectionSettings } from './settings.ts'
import type { ConnectionSettings } from './settings.ts'

export interface ProducerSettings {
  readonly connection: ConnectionSettings
  readonly acks: -1 | 0 | 1
  readonly lingerMs: number
  /** A batch is closed when another record would make it larger. */
  readonly fillBytes: number
  /** How much goes to one partition before keyless records go to another: Java's `batch.size`. */
  readonly stickyBytes: number
  /**
   * So much of a partition is under way at once, unless a single batch is more. What is under way when the process
   * dies comes again after its next start, outside of transactions.
   */
  readonly partitionBytesInFlight: number
  readonly bufferMemory: number
  readonly maxRequestSize: number
  readonly maxInFlight: number
  readonly maxBlockMs: number
  readonly deliveryTimeoutMs: number
  readonly retries: number
  readonly codec: CodecName
  readonly codecLevel: number | null
  readonly isIdempotent: boolean
  /** The user wants idempotence or nothing; else it is merely the default. */
  readonly isIdempotenceAsked: boolean
  /** null: no transactions. */
  readonly transactionalId: string | null
  readonly transactionTimeoutMs: number
  readonly ignoresKeys: boolean
}

/** Where the user says nothing: large batches make the producer several times faster (Kafka's is 16384). */
const defaultFillBytes = 512 * 1024

export function readProducerSettings(settings: ClientSettings, log: Logger): ProducerSettings {
  const reader = new SettingsReader(settings)
  refuseWeakening(settings, 'producer')
  const connection = readConnectionSettings(reader, { clientId: 'producer' })
  const acks = readAcks(reader)
  const retries = reader.int('retries', 2 ** 31 - 1)
  const maxInFlight = reader.int('max.in.flight.requests.per.connection', 5, { min: 1 })
  const lingerMs = reader.number('linger.ms', 0)
  const maxRequestSize = reader.int('max.request.size', 1_048_576)
  const fillBytes = reader.isSet('batch.size') ? reader.int('batch.size', 16_384) : defaultFillBytes
  const codec = reader.choice('compression.type', 'none', ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)
  const isIdempotent = readIdempotence(reader, { acks, retries, maxInFlight })
  const read: ProducerSettings = {
    connection,
    acks,
    lingerMs,
    partitionBytesInFlight: reader.isSet('transactional.id') ? Infinity : defaultFillBytes,
    fillBytes: Math.max(1, Math.min(fillBytes, maxRequestSize)),
    stickyBytes: Math.max(1, reader.int('batch.size', 16_384)),
    bufferMemory: reader.number('buffer.memory', defaultBufferMemory(maxRequestSize)),
    maxRequestSize,
    maxInFlight,
    maxBlockMs: reader.number('max.block.ms', 60_000),
    deliveryTimeoutMs: readDeliveryTimeout(reader, lingerMs + connection.requestTimeoutMs),
    retries,
    codec,
    codecLevel: readLevel(reader, codec),
    isIdempotent,
    isIdempotenceAsked: isIdempotent && reader.isSet('enable.idempotence'),
    transactionalId: readTransactionalId(reader, isIdempotent),
    transactionTimeoutMs: reader.int('transaction.timeout.ms', 60_000),
    ignoresKeys: reader.boolean('partitioner.ignore.keys', false),
  }
  if (reader.isSet('partitioner.class')) {
    throw new ConfigError(
      `partitioner.class=${reader.text('partitioner.class')} is a Java class and cannot run here. Without it ` +
        `Kafka's default partitioner is used: murmur2 of the key, else sticky.`,
    )
  }
  warnOfUnused(settings, reader.readNames, 'producer', log)
  return read
}

/**
 * Kafka's default is 32 MiB. A longer queue makes nothing faster (measured: from 2 MiB on the rate is the same,
 * at 32 MiB it falls as the caches overflow), it only takes memory.
 */
function defaultBufferMemory(maxRequestSize: number): number {
  return Math.min(33_554_432, Math.max(4_194_304, 2 * maxRequestSize))
}

function readAcks(reader: SettingsReader): -1 | 0 | 1 {
  const text = reader.text('acks') ?? 'all'
  if (text === 'all' || text === '-1') return -1
  if (text === '1') return 1
  if (text === '0') return 0
  throw invalid('acks', text, 'String must be one of: all, -1, 0, 1')
}

function readDeliveryTimeout(reader: SettingsReader, least: number): number {
  const name = 'delivery.timeout.ms'
  const timeoutMs = reader.int(name, 120_000)
  if (timeoutMs >= least) return timeoutMs
  if (!reader.isSet(name)) return least
  throw new ConfigError(`${name} should be equal to or larger than linger.ms + request.timeout.ms`)
}

function readLevel(reader: SettingsReader, codec: CodecName): number | null {
  if (codec === 'gzip') {
    const level = reader.int('compression.gzip.level', -1, { min: -1, max: 9 })
    return level === -1 ? null : level
  }
  if (codec === 'zstd') return reader.int('compression.zstd.level', 3, { max: 22 })
  if (codec === 'lz4') reader.int('compression.lz4.level', 9, { min: 1, max: 17 })
  return null
}

/** As in Kafka: by default it gives way to `retries` and `acks`, never to requests in flight. */
function readIdempotence(
  reader: SettingsReader,
  { acks, retries, maxInFlight }: { acks: number; retries: number; maxInFlight: number },
): boolean {
  const name = 'enable.idempotence'
  if (!reader.boolean(name, true)) return false
  const obstacle =
    retries === 0
      ? 'Must set retries to non-zero when using the idempotent producer.'
      : acks !== -1
        ? 'Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.'
        : null
  if (obstacle !== null && reader.isSet(name)) throw new ConfigError(obstacle)
  if (maxInFlight > 5) {
    throw new ConfigError(
      'Must set max.in.flight.requests.per.connection to at most 5 to use the idempotent producer.',
    )
  }
  return obstacle === null
}

function readTransactionalId(reader: SettingsReader, isIdempotent: boolean): string | null {
  const id = reader.text('transactional.id')
  if (id === null) return null
  if (id === '') throw invalid('transactional.id', id, 'String must be non-empty')
  if (isIdempotent) return id
  throw new ConfigError('Cannot set a transactional.id without also enabling idempotence.')
}
