import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from '../util/logger.ts'
import { allApis, allApisWithLogin } from './apis/all-apis.ts'
import type { BrokerContext } from './context.ts'
import { describeSettings, reachable } from './describe-settings.ts'
import { DirectoryLock } from './directory-lock.ts'
import { GroupCoordinator } from './groups/group-coordinator.ts'
import type { JournalEntry } from './journal-entries.ts'
import { Journal } from './journal.ts'
import { Flusher, type FlushPolicy } from './log/flusher.ts'
import { ProducerIds } from './producer-ids.ts'
import type { BrokerSasl } from './security/authenticator.ts'
import { refuseOpenAddress, Security } from './security/security.ts'
import type { BrokerTls } from './security/tls-acceptor.ts'
import { BrokerServer } from './server.ts'
import { TopicStore } from './topics/topic-store.ts'
import { TransactionCoordinator } from './transactions/transaction-coordinator.ts'

export interface BrokerOptions {
  host: string
  /** 0 takes any free port. */
  port: number
  /** The folder of the log; null keeps everything in memory. */
  dataDir: string | null
  log: Logger
  /** Where clients are told to connect, if not to `host` and `port`. */
  advertisedHost?: string
  advertisedPort?: number
  nodeId?: number
  autoCreateTopics?: boolean
  defaultPartitions?: number
  /** How long a new group waits for more members; Kafka's own default is 3000. */
  groupInitialRebalanceDelayMs?: number
  groupMinSessionTimeoutMs?: number
  groupMaxSessionTimeoutMs?: number
  offsetsRetentionMs?: number
  /** `always`: before it is acknowledged; `interval`: `flushIntervalMs` later; `never`: when the system does it. */
  flush?: FlushPolicy
  flushIntervalMs?: number
  maxRequestBytes?: number
  messageMaxBytes?: number
  segmentBytes?: number
  retentionCheckIntervalMs?: number
  /** What requests that are still coming in may take together. */
  maxBufferedBytes?: number
  /** How much a broker without a folder holds before its oldest records go. */
  memoryMaxBytes?: number
  maxConnections?: number
  connectionIdleMs?: number
  tls?: BrokerTls
  /** Who may log in; everybody who does may do everything. */
  sasl?: BrokerSasl
  /** Listens for other machines although it would let in everybody. */
  insecure?: boolean
  /** How long a client may take for TLS and login. */
  authenticationTimeoutMs?: number
  /** How many connections may be busy with that at the same time. */
  maxUnauthenticated?: number
  failedLoginDelayMs?: number
}

const defaults = {
  nodeId: 1,
  autoCreateTopics: true,
  defaultPartitions: 1,
  groupInitialRebalanceDelayMs: 0,
  groupMinSessionTimeoutMs: 100,
  groupMaxSessionTimeoutMs: 1_800_000,
  offsetsRetentionMs: 604_800_000,
  flush: 'interval' as FlushPolicy,
  flushIntervalMs: 1000,
  maxRequestBytes: 104_857_600,
  messageMaxBytes: 1_048_588,
  segmentBytes: 134_217_728,
  retentionCheckIntervalMs: 300_000,
  maxBufferedBytes: 268_435_456,
  memoryMaxBytes: 268_435_456,
  maxConnections: 1000,
  connectionIdleMs: 600_000,
  insecure: false,
  authenticationTimeoutMs: 10_000,
  maxUnauthenticated: 100,
  failedLoginDelayMs: 500,
}

export type ResolvedOptions = typeof defaults & BrokerOptions

/**
 * A single-node store that speaks Kafka's protocol: topics on disk, consumer groups, the admin calls. For
 * development and for the edge; it replicates nothing.
 */
export class Broker {
  readonly host: string
  readonly port: number
  readonly #parts: BrokerParts
  #closing: Promise<void> | null = null

  private constructor(host: string, port: number, parts: BrokerParts) {
    this.host = host
    this.port = port
    this.#parts = parts
  }

  /**
   * Ready for clients. Throws where the folder or the address is in use, naming it, and where other machines could
   * connect without a password or a certificate.
   */
  static async open(options: BrokerOptions): Promise<Broker> {
    const resolved: ResolvedOptions = { ...defaults, ...withoutUndefined(options) }
    const { dataDir, host, port, maxConnections } = resolved
    const security = new Security(resolved)
    if (dataDir !== null) mkdirSync(join(dataDir, 'topics'), { recursive: true })
    const lock = dataDir === null ? null : await DirectoryLock.take(dataDir)
    let server: BrokerServer | null = null
    try {
      server = await BrokerServer.listen({ host, port }, { maxConnections })
      refuseOpenAddress(server.address, resolved)
      const parts = openParts(resolved, { server, lock, security })
      return new Broker(host, server.port, parts)
    } catch (error) {
      await server?.close()
      await lock?.release()
      throw error
    }
  }

  /** Answers what waits, brings everything to the disk and lets go of the folder. */
  close(): Promise<void> {
    this.#closing ??= closeParts(this.#parts)
    return this.#closing
  }
}

interface BrokerParts {
  server: BrokerServer
  lock: DirectoryLock | null
  topics: TopicStore
  groups: GroupCoordinator
  transactions: TransactionCoordinator
  journal: Journal | null
  flusher: Flusher
  housekeeping: NodeJS.Timeout
  stopping: AbortController
  log: Logger
}

interface OpenedBefore {
  server: BrokerServer
  lock: DirectoryLock | null
  security: Security
}

function openParts(options: ResolvedOptions, { server, lock, security }: OpenedBefore): BrokerParts {
  const { dataDir, log, flush } = options
  const journal = dataDir === null ? null : new Journal(join(dataDir, 'journal.jsonl'), log)
  const flusher = new Flusher({ policy: flush, intervalMs: options.flushIntervalMs, log })
  const write = (entry: JournalEntry) => {
    if (journal === null) return
    journal.append(entry)
    flusher.markDirty(journal)
  }
  const now = () => Date.now()
  const topics = new TopicStore({
    dataDir,
    memoryMaxBytes: options.memoryMaxBytes,
    defaults: {
      'max.message.bytes': String(options.messageMaxBytes),
      'segment.bytes': String(options.segmentBytes),
    },
    journal: write,
    flusher,
    now,
    log,
  })
  const groups = new GroupCoordinator({
    initialRebalanceDelayMs: options.groupInitialRebalanceDelayMs,
    minSessionTimeoutMs: options.groupMinSessionTimeoutMs,
    maxSessionTimeoutMs: options.groupMaxSessionTimeoutMs,
    offsetsRetentionMs: options.offsetsRetentionMs,
    journal: write,
    now,
    log,
  })
  const producerIds = new ProducerIds(write)
  const syncMetadata = () => (journal === null || flush === 'never' ? Promise.resolve() : journal.flush())
  const syncOffsets = () => (journal === null || flush !== 'always' ? Promise.resolve() : journal.flush())
  const transactions = new TransactionCoordinator({
    topics,
    groups,
    producerIds,
    journal: write,
    sync: syncOffsets,
    syncsMarkers: flush === 'always',
    now,
    log,
  })
  topics.onDeleted((topic) => groups.topicDeleted(topic.name))
  topics.onLogOpened((topic, partition, opened) => transactions.logOpened(topic.name, partition, opened))
  const clusterId = restore(journal, { topics, groups, producerIds, transactions })
  transactions.start()

  const broker: BrokerContext = {
    nodeId: options.nodeId,
    advertisedHost: options.advertisedHost ?? reachable(options.host),
    advertisedPort: options.advertisedPort ?? server.port,
    clusterId,
    autoCreateTopics: options.autoCreateTopics,
    defaultPartitions: options.defaultPartitions,
    flush,
    settings: describeSettings(options, server.port),
    topics,
    groups,
    producerIds,
    transactions,
    syncMetadata,
    syncOffsets,
    log,
  }
  const { maxRequestBytes, connectionIdleMs } = options
  const budget = { used: 0, limit: options.maxBufferedBytes }
  const { login, gate } = security
  const apis = login === null ? allApis : allApisWithLogin
  server.serve({ apis, broker, maxRequestBytes, idleTimeoutMs: connectionIdleMs, budget, login }, gate)
  const stopping = new AbortController()
  void topics.openAll(stopping.signal)
  const housekeeping = setInterval(() => {
    try {
      topics.retain()
      void topics.compact()
      groups.expire()
      transactions.expire()
    } catch (error) {
      log.error('Removing what is no longer to be kept failed.', error)
    }
  }, options.retentionCheckIntervalMs)
  return { server, lock, topics, groups, transactions, journal, flusher, housekeeping, stopping, log }
}

type RestoredParts = Pick<BrokerParts, 'topics' | 'groups' | 'transactions'> & { producerIds: ProducerIds }

/** Reads the journal into the parts and starts its new generation; gives the cluster's id. */
function restore(
  journal: Journal | null,
  { topics, groups, producerIds, transactions }: RestoredParts,
): string {
  let clusterId = randomBytes(16).toString('base64url')
  if (journal === null) return clusterId
  for (const entry of journal.read()) {
    if (entry.type === 'format') clusterId = entry.clusterId
    topics.restore(entry)
    groups.restore(entry)
    producerIds.restore(entry)
    transactions.restore(entry)
  }
  topics.removeLeftovers()
  journal.start(() => [
    { type: 'format', version: 1, clusterId },
    ...topics.snapshot(),
    ...groups.snapshot(),
    ...producerIds.snapshot(),
    ...transactions.snapshot(),
  ])
  return clusterId
}

async function closeParts(parts: BrokerParts): Promise<void> {
  const { server, lock, topics, groups, transactions, journal, flusher, housekeeping, stopping, log } = parts
  clearInterval(housekeeping)
  stopping.abort()
  groups.close()
  transactions.close()
  flusher.close()
  await topics.close()
  await server.close()
  try {
    await journal?.close()
  } catch (error) {
    log.error('The journal was not brought to the disk completely.', error)
  }
  await lock?.release()
}

function withoutUndefined(options: BrokerOptions): BrokerOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as BrokerOptions
}
