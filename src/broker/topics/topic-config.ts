import { longestString } from '../../protocol/wire-reader.ts'
import { ApiError, ErrorCode } from '../error-codes.ts'
import type { LogSettings } from '../log/partition-log.ts'

export type ConfigType = 'BOOLEAN' | 'STRING' | 'INT' | 'LONG' | 'DOUBLE' | 'LIST'

interface ConfigKey {
  type: ConfigType
  default: string
  /** Says why a value is refused, or null. */
  refuse?: (value: string) => string | null
}

const atLeast = (lowest: number) => (value: string) =>
  Number(value) >= lowest ? null : `Value must be at least ${lowest}`
const between = (lowest: number, highest: number) => (value: string) =>
  atLeast(lowest)(value) ?? (Number(value) <= highest ? null : `Value must be no more than ${highest}`)
const oneOf =
  (...values: string[]) =>
  (value: string) =>
    values.includes(value) ? null : `String must be one of: ${values.join(', ')}`

/** The topic settings that are known, with the defaults that describe this broker. */
const keys: Record<string, ConfigKey> = {
  'cleanup.policy': { type: 'LIST', default: 'delete', refuse: refuseCleanupPolicy },
  'compression.type': {
    type: 'STRING',
    default: 'producer',
    refuse: oneOf('uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'),
  },
  'delete.retention.ms': { type: 'LONG', default: '86400000', refuse: atLeast(0) },
  'file.delete.delay.ms': { type: 'LONG', default: '60000', refuse: atLeast(0) },
  'flush.messages': { type: 'LONG', default: '9223372036854775807', refuse: atLeast(1) },
  'flush.ms': { type: 'LONG', default: '9223372036854775807', refuse: atLeast(0) },
  'follower.replication.throttled.replicas': { type: 'LIST', default: '' },
  'index.interval.bytes': { type: 'INT', default: '4096', refuse: atLeast(0) },
  'leader.replication.throttled.replicas': { type: 'LIST', default: '' },
  'max.compaction.lag.ms': { type: 'LONG', default: '9223372036854775807', refuse: atLeast(1) },
  'max.message.bytes': { type: 'INT', default: '1048588', refuse: atLeast(0) },
  'message.timestamp.after.max.ms': { type: 'LONG', default: '3600000', refuse: atLeast(0) },
  'message.timestamp.before.max.ms': { type: 'LONG', default: '9223372036854775807', refuse: atLeast(0) },
  'message.timestamp.type': {
    type: 'STRING',
    default: 'CreateTime',
    refuse: oneOf('CreateTime', 'LogAppendTime'),
  },
  'min.cleanable.dirty.ratio': { type: 'DOUBLE', default: '0.5', refuse: between(0, 1) },
  'min.compaction.lag.ms': { type: 'LONG', default: '0', refuse: atLeast(0) },
  'min.insync.replicas': { type: 'INT', default: '1', refuse: atLeast(1) },
  'preallocate': { type: 'BOOLEAN', default: 'false' },
  'retention.bytes': { type: 'LONG', default: '-1', refuse: atLeast(-1) },
  'retention.ms': { type: 'LONG', default: '604800000', refuse: atLeast(-1) },
  'segment.bytes': { type: 'INT', default: '134217728', refuse: atLeast(14) },
  'segment.index.bytes': { type: 'INT', default: '10485760', refuse: atLeast(4) },
  'segment.jitter.ms': { type: 'LONG', default: '0', refuse: atLeast(0) },
  'segment.ms': { type: 'LONG', default: '604800000', refuse: atLeast(1) },
  'unclean.leader.election.enable': { type: 'BOOLEAN', default: 'false' },
}

export type TopicConfigs = Record<string, string>

/** What the broker's own options put in the place of a default. */
export type TopicDefaults = Partial<Record<'max.message.bytes' | 'segment.bytes', string>>

export interface DescribedConfig {
  name: string
  value: string
  type: ConfigType
  isDefault: boolean
  defaultValue: string
}

/** The settings of a topic as they are in force, with where each comes from. */
export function describeTopicConfigs(configs: TopicConfigs, defaults: TopicDefaults): DescribedConfig[] {
  return Object.entries(keys).map(([name, { type, default: own }]) => {
    const defaultValue = defaults[name as keyof TopicDefaults] ?? own
    return {
      name,
      type,
      defaultValue,
      value: configs[name] ?? defaultValue,
      isDefault: configs[name] === undefined,
    }
  })
}

/** Throws ApiError (INVALID_CONFIG) for a name or value that Kafka or this broker does not take. */
export function validateTopicConfigs(configs: Iterable<[string, string | null]>): TopicConfigs {
  const valid: TopicConfigs = {}
  for (const [name, value] of configs) {
    const key = Object.hasOwn(keys, name) ? keys[name] : undefined
    if (key === undefined) throw refused(`Unknown topic config name: ${name}`)
    if (value === null) throw refused(`Null value not supported for topic configs: ${name}`)
    const bytes = Buffer.byteLength(value)
    if (bytes > longestString) {
      throw refused(`The value of ${name} has ${bytes} bytes; at most ${longestString} are allowed.`)
    }
    const trimmed = value.trim()
    const reason = refuseType(key.type, trimmed) ?? key.refuse?.(trimmed) ?? null
    if (reason !== null) throw refused(`Invalid value ${value} for configuration ${name}: ${reason}`)
    valid[name] = trimmed
  }
  return valid
}

export function isListConfig(name: string): boolean {
  return Object.hasOwn(keys, name) && keys[name]!.type === 'LIST'
}

export function toLogSettings(configs: TopicConfigs, defaults: TopicDefaults): LogSettings {
  const valueOf = (name: string) =>
    configs[name] ?? defaults[name as keyof TopicDefaults] ?? keys[name]!.default
  const policies = policiesOf(valueOf('cleanup.policy'))
  return {
    segmentBytes: Number(valueOf('segment.bytes')),
    segmentMs: Number(valueOf('segment.ms')),
    retentionBytes: Number(valueOf('retention.bytes')),
    retentionMs: Number(valueOf('retention.ms')),
    maxMessageBytes: Number(valueOf('max.message.bytes')),
    isLogAppendTime: valueOf('message.timestamp.type') === 'LogAppendTime',
    isDeleted: policies.includes('delete'),
    compaction: !policies.includes('compact')
      ? null
      : {
          minCleanableDirtyRatio: Number(valueOf('min.cleanable.dirty.ratio')),
          minCompactionLagMs: Number(valueOf('min.compaction.lag.ms')),
          maxCompactionLagMs: Number(valueOf('max.compaction.lag.ms')),
          deleteRetentionMs: Number(valueOf('delete.retention.ms')),
        },
  }
}

function refuseType(type: ConfigType, value: string): string | null {
  if (type === 'BOOLEAN' && !/^(true|false)$/i.test(value)) return 'Expected value to be either true or false'
  if (type === 'INT' || type === 'LONG') {
    const [low, high] = type === 'INT' ? [-(2n ** 31n), 2n ** 31n - 1n] : [-(2n ** 63n), 2n ** 63n - 1n]
    const isNumber =
      /^[+-]?\d{1,20}$/.test(value) &&
      BigInt(value.replace('+', '')) >= low &&
      BigInt(value.replace('+', '')) <= high
    if (!isNumber) return `Not a number of type ${type}`
  }
  if (type === 'DOUBLE' && (value === '' || Number.isNaN(Number(value)))) return 'Not a number of type DOUBLE'
  return null
}

function refuseCleanupPolicy(value: string): string | null {
  const policies = policiesOf(value)
  if (policies.length === 0) return "Configuration 'cleanup.policy' must not be empty"
  const isKnown = policies.every((policy) => policy === 'delete' || policy === 'compact')
  return isKnown ? null : 'String must be one of: compact, delete'
}

function policiesOf(value: string): string[] {
  return value
    .split(',')
    .map((policy) => policy.trim())
    .filter((policy) => policy !== '')
}

function refused(message: string): ApiError {
  return new ApiError(ErrorCode.INVALID_CONFIG, message)
}
