import { ConfigError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'
import type { Assignor } from './assignors/assignor.ts'
import { rangeAssignor } from './assignors/range.ts'
import { roundRobinAssignor } from './assignors/round-robin.ts'
import { cooperativeStickyAssignor, stickyAssignor } from './assignors/sticky.ts'
import type { ClientSettings } from './client.ts'
import { refuseWeakening, warnOfUnused } from './known-settings.ts'
import { invalid, SettingsReader } from '../config/settings-reader.ts'
import { readConnectionSettings } from './settings.ts'
import type { ConnectionSettings } from './settings.ts'

/** What happens where nothing is committed: a place to start from, or an error. */
export type OffsetReset = 'earliest' | 'latest' | 'none' | { readonly durationMs: number }

export interface ConsumerSettings {
  readonly connection: ConnectionSettings
  readonly group: string
  readonly instanceId: string | null
  readonly assignors: readonly Assignor[]
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly maxPollIntervalMs: number
  readonly maxPollRecords: number
  readonly offsetReset: OffsetReset
  readonly isReadCommitted: boolean
  readonly minBytes: number
  readonly maxBytes: number
  readonly maxWaitMs: number
  readonly maxPartitionBytes: number
  readonly checksCrcs: boolean
  readonly rack: string
  readonly allowAutoTopicCreation: boolean
  readonly excludesInternalTopics: boolean
  readonly apiTimeoutMs: number
}

/** Kafka's 50 MiB would all be held in memory; this much reads just as fast. */
const defaultMaxBytes = 16 * 1024 * 1024

export function readConsumerSettings(settings: ClientSettings, log: Logger): ConsumerSettings {
  const reader = new SettingsReader(settings)
  refuseWeakening(settings, 'consumer')
  const group = reader.text('group.id') ?? ''
  if (group === '')
    throw new ConfigError('Missing required configuration "group.id" which has no default value.')
  const read: ConsumerSettings = {
    connection: readConnectionSettings(reader, { clientId: `consumer-${group}` }),
    group,
    instanceId: reader.text('group.instance.id') || null,
    assignors: readAssignors(reader),
    sessionTimeoutMs: reader.int('session.timeout.ms', 45_000),
    heartbeatIntervalMs: reader.int('heartbeat.interval.ms', 3000, { min: 1 }),
    maxPollIntervalMs: reader.int('max.poll.interval.ms', 300_000, { min: 1 }),
    maxPollRecords: reader.int('max.poll.records', 500, { min: 1 }),
    offsetReset: readOffsetReset(reader),
    isReadCommitted:
      reader.choice('isolation.level', 'read_uncommitted', ['read_committed', 'read_uncommitted']) ===
      'read_committed',
    minBytes: reader.int('fetch.min.bytes', 1),
    maxBytes: reader.int('fetch.max.bytes', defaultMaxBytes),
    maxWaitMs: reader.int('fetch.max.wait.ms', 500),
    maxPartitionBytes: reader.int('max.partition.fetch.bytes', 1_048_576),
    checksCrcs: reader.boolean('check.crcs', true),
    rack: reader.text('client.rack') ?? '',
    allowAutoTopicCreation: reader.boolean('allow.auto.create.topics', true),
    excludesInternalTopics: reader.boolean('exclude.internal.topics', true),
    apiTimeoutMs: reader.int('default.api.timeout.ms', 60_000),
  }
  if (read.heartbeatIntervalMs >= read.sessionTimeoutMs) {
    throw new ConfigError('Heartbeat must be set lower than the session timeout')
  }
  // Offsets are committed by whoever owns the consumer; Connect's workers switch this off themselves.
  if (reader.isSet('enable.auto.commit') && reader.boolean('enable.auto.commit', true)) {
    throw new ConfigError(
      'enable.auto.commit=true is not implemented here: offsets are committed by the task.',
    )
  }
  warnOfUnused(settings, reader.readNames, 'consumer', log)
  return read
}

function readAssignors(reader: SettingsReader): Assignor[] {
  const name = 'partition.assignment.strategy'
  const known = [rangeAssignor, roundRobinAssignor, stickyAssignor, cooperativeStickyAssignor]
  const names = reader.list(name).filter((item) => item !== '')
  if (names.length === 0) return [rangeAssignor, cooperativeStickyAssignor]
  return names.map((item) => {
    const assignor = known.find(({ javaClass }) => javaClass === item)
    if (assignor !== undefined) return assignor
    throw invalid(name, item, `Only these are implemented here: ${known.map((a) => a.javaClass).join(', ')}`)
  })
}

function readOffsetReset(reader: SettingsReader): OffsetReset {
  const name = 'auto.offset.reset'
  const text = reader.text(name)
  const lower = text?.toLowerCase() ?? 'latest'
  if (lower === 'earliest' || lower === 'latest' || lower === 'none') return lower
  const [, days, hours, minutes, seconds] =
    /^by_duration:p(?:(\d+)d)?(?:t(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?)?$/.exec(lower) ?? []
  if (days === undefined && hours === undefined && minutes === undefined && seconds === undefined) {
    throw invalid(
      name,
      text,
      "must be either 'earliest', 'latest', 'none' or of the format 'by_duration:<PnDTnHnMn.nS>'.",
    )
  }
  const inSeconds =
    Number(days ?? 0) * 86_400 + Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)
  return { durationMs: Math.round(inSeconds * 1000) }
}
