import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { FlushPolicy } from '../broker/log/flusher.ts'
import { overridePolicy } from '../config/override-policy.ts'
import type { WorkerSettings } from '../config/worker-config.ts'
import type { KafkaClients } from '../kafka/client.ts'
import { ConfigError, KafkaError, toError } from '../errors.ts'
import { builtinPlugins } from '../plugins/builtin.ts'
import { type PluginEntry, PluginRegistry } from '../plugins/registry.ts'
import { advertisedAddress } from '../rest/advertised.ts'
import type { PluginCatalog } from '../rest/plugin-catalog.ts'
import { readRestConfig } from '../rest/rest-config.ts'
import { allRoutes } from '../rest/routes/all.ts'
import { RestServer } from '../rest/server.ts'
import { ActiveTopics } from '../runtime/active-topics.ts'
import { adminSettings, bootstrapServers } from '../runtime/client-settings.ts'
import { ConnectorOffsets } from '../runtime/connector-offsets.ts'
import { OffsetsTopic } from '../runtime/exactly-once/offsets-topic.ts'
import { OffsetJournal } from '../runtime/offsets/journal.ts'
import { JournalOffsets } from '../runtime/offsets/journal-offsets.ts'
import { RegistryCatalog } from '../runtime/plugin-catalog.ts'
import { isExactlyOnce } from '../runtime/validation/exactly-once.ts'
import { StandaloneHerder } from '../runtime/standalone-herder.ts'
import { Worker } from '../runtime/worker.ts'
import { Loggers } from '../util/log/loggers.ts'
import type { Logger } from '../util/logger.ts'
import { version } from '../util/version.ts'
import type { WorkerArguments } from './arguments.ts'
import { embeddedAddress, startEmbeddedBroker } from './embedded-broker.ts'
import { checkLimits } from './limits.ts'
import { restExtension } from './rest-extension.ts'
import { placed, readWorkerFile, type WorkerFile } from './worker-file.ts'

export interface RunningWorker {
  readonly herder: StandaloneHerder
  readonly catalog: PluginCatalog
  /** The REST port, chosen by the system where 0 was asked for. */
  readonly port: number
  stop(): Promise<void>
}

/** What has to be undone when the start fails half-way, last thing first. */
type Undo = () => Promise<void>

/**
 * Starts a worker in Kafka Connect's order: settings, cluster id, REST listeners, offsets, herder. Throws what
 * kept it from starting, after having closed what was open.
 */
export async function startWorker(
  args: WorkerArguments,
  log: Logger,
  {
    available = builtinPlugins,
    loggers = new Loggers(),
  }: { readonly available?: readonly PluginEntry[]; readonly loggers?: Loggers } = {},
): Promise<RunningWorker> {
  const undo: Undo[] = []
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const file = readWorkerFile(args.workerFile, log)
    const { props, settings } = file
    const plugins = new PluginRegistry(available)
    const restOptions = await placed(file.source, async () => {
      checkLimits(file, log)
      checkConverters(settings, plugins)
      overridePolicy(settings['connector.client.config.override.policy'])
      const restConfig = readRestConfig(settings, props)
      const authenticate = restExtension(settings['rest.extension.classes'], process.env, log)
      return { ...restConfig, authenticate, knownHost: restConfig.advertised.host }
    })
    // The broker's thread starts while the rest is read and opened here.
    const broker =
      args.embeddedBroker === false
        ? null
        : await placed(file.source, async () => brokerOptions(args, settings))
    const starting = broker === null ? null : startEmbeddedBroker(broker, log)
    if (starting !== null) {
      undo.push(async () => {
        const started = await starting.catch(() => null)
        await started?.close()
      })
    }
    const journal = await placed(file.source, () => openJournal(args, settings, log))
    undo.push(() => journal.close())
    const { kafkaClients } = await import('../kafka/kafkajs-clients.ts')
    await placed(file.source, async () => starting)
    const clients = kafkaClients()
    const clusterId = await placed(file.source, () => findCluster(clients, file, log))
    const rest = await placed(file.source, () => RestServer.open(restOptions, log))
    undo.push(() => rest.close())

    const offsets = new JournalOffsets(journal)
    const offsetsTopic = new OffsetsTopic({
      isEnabled: isExactlyOnce(props),
      clients,
      workerProps: props,
      file: offsets,
      acceptLostOffsets: args.acceptLostOffsets,
      log: log.named('org.apache.kafka.connect.storage.ConnectorOffsetBackingStore'),
    })
    const topics = new ActiveTopics()
    const worker = new Worker({
      props,
      flushIntervalMs: settings['offset.flush.interval.ms'],
      flushTimeoutMs: settings['offset.flush.timeout.ms'],
      isTopicCreationEnabled: settings['topic.creation.enable'],
      plugins,
      clients,
      offsets,
      offsetsTopic,
      topics: settings['topic.tracking.enable'] ? topics : null,
      log: log.named('org.apache.kafka.connect.runtime.Worker'),
    })
    const herder = new StandaloneHerder({
      worker,
      plugins,
      connectorOffsets: new ConnectorOffsets({
        offsets,
        offsetsTopic,
        clients,
        workerProps: props,
        flushTimeoutMs: settings['offset.flush.timeout.ms'],
        log,
      }),
      topics,
      resolve: file.resolve,
      workerProps: props,
      shutdownTimeoutMs: settings['task.shutdown.graceful.timeout.ms'],
      workerId: advertisedAddress(restOptions.advertised, rest.openListeners),
      version,
      commit: 'unknown',
      clusterId,
      log: log.named('org.apache.kafka.connect.runtime.standalone.StandaloneHerder'),
    })
    undo.push(() => herder.stop())
    const tracking = {
      isEnabled: settings['topic.tracking.enable'],
      isResetAllowed: settings['topic.tracking.allow.reset'],
    }
    const catalog = new RegistryCatalog({
      plugins,
      workerProps: props,
      resolve: (given) => file.resolve(given).props,
    })
    rest.serve(allRoutes({ herder, catalog, tracking, loggers, log }), () => herder.stage)
    return { herder, catalog, port: rest.port, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function openJournal(
  args: WorkerArguments,
  settings: WorkerSettings,
  log: Logger,
): Promise<OffsetJournal> {
  return OffsetJournal.open(resolve(settings['offset.storage.file.filename']), {
    log: log.named('org.apache.kafka.connect.storage.FileOffsetBackingStore'),
    sync: settings['offset.journal.sync'] === 'interval' ? 'interval' : 'batch',
    acceptLostOffsets: args.acceptLostOffsets,
  })
}

function checkConverters(settings: WorkerSettings, plugins: PluginRegistry): void {
  for (const [key, kind] of [
    ['key.converter', 'converter'],
    ['value.converter', 'converter'],
    ['header.converter', 'header_converter'],
  ] as const) {
    const name = settings[key]
    plugins.check(kind, name, key)
  }
}

function brokerOptions(args: WorkerArguments, settings: WorkerSettings) {
  const dataDir =
    typeof args.embeddedBroker === 'string'
      ? args.embeddedBroker
      : `${settings['offset.storage.file.filename']}.broker`
  const flush = settings['embedded.broker.flush'] as FlushPolicy
  return { ...embeddedAddress(settings['bootstrap.servers']), dataDir: resolve(dataDir), flush }
}

const retryMs = 100

/** Asks the brokers until one answers. Throws ConfigError after `startup.broker.timeout.ms`. */
async function findCluster(
  clients: KafkaClients,
  { props, settings }: WorkerFile,
  log: Logger,
): Promise<string> {
  const timeoutMs = settings['startup.broker.timeout.ms']
  const deadline = timeoutMs < 0 ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs
  const admin = clients.admin(adminSettings(props, {}, 'connect-worker-adminclient'), log)
  let problem: Error | null = null
  try {
    for (;;) {
      const left = deadline - performance.now()
      try {
        return (await admin.describeCluster(Math.max(1, Math.min(left, 10_000)))).clusterId
      } catch (thrown) {
        const error = toError(thrown)
        if (!(error instanceof KafkaError && error.retriable)) throw error
        if (problem === null) log.warn(`No broker answers at ${bootstrapServers(props)} yet; trying on.`)
        problem ??= error
      }
      if (performance.now() + retryMs >= deadline) {
        throw new ConfigError(
          `Failed to connect to and describe Kafka cluster. Check worker's broker connection and security properties. ` +
            `No broker answered at ${bootstrapServers(props)} within ${timeoutMs} ms (startup.broker.timeout.ms): ${problem.message}`,
          { key: 'bootstrap.servers', cause: problem },
        )
      }
      await delay(retryMs)
    }
  } finally {
    await admin.close()
  }
}
