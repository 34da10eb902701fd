import type { Converter } from '../api/converter.ts'
import type { Props } from '../api/plugin.ts'
import type { OffsetMap, SourceRecord } from '../api/record.ts'
import type { SinkConnector } from '../api/sink.ts'
import type { OffsetReader, SourceConnector } from '../api/source.ts'
import { type CommonSettings, deadLetterConfig, transactionConfig } from '../config/connector-config.ts'
import { restartBackoff, restartConfig } from '../config/restart-config.ts'
import type { KafkaClients } from '../kafka/client.ts'
import type { PluginRegistry } from '../plugins/registry.ts'
import type { Logger } from '../util/logger.ts'
import type { ActiveTopics } from './active-topics.ts'
import {
  adminSettings,
  consumerSettings,
  producerSettings,
  transactionalProducerSettings,
} from './client-settings.ts'
import { chooseConverters, type Converters } from './converters.ts'
import { checkSourceDeadLetters } from './errors/source-dead-letter-settings.ts'
import { heals } from './errors/transient.ts'
import type { RetryWithToleranceOperator } from './errors/retry-with-tolerance-operator.ts'
import { sinkErrors, sourceErrors, type TaskErrorsDeps } from './errors/task-errors.ts'
import type { RunState } from './run-state.ts'
import type { TaskBody } from './running-task.ts'
import { SinkPipeline } from './sink-pipeline.ts'
import { SinkTaskRunner } from './sink-task-runner.ts'
import { SourcePipeline } from './source-pipeline.ts'
import { AtLeastOnceDelivery, type OffsetStore } from './at-least-once-delivery.ts'
import { LostOffsetsError, type OffsetsTopic } from './exactly-once/offsets-topic.ts'
import {
  chooseBoundary,
  ConnectorBoundary,
  type TransactionBoundary,
} from './exactly-once/transaction-boundary.ts'
import { TransactionalDelivery } from './exactly-once/transactional-delivery.ts'
import type { DeliveryFailed, SourceDelivery } from './source-delivery.ts'
import { SourceTaskRunner } from './source-task-runner.ts'
import type { StatusListener } from './status.ts'
import { type TaskId, taskText } from './task-id.ts'
import type { TaskReport } from './task-report.ts'
import { checkTopicCreation, TopicCreator } from './topic-creation.ts'
import { buildChain, parsed, type TransformationChain } from './transformation-chain.ts'
import { subscribedTopics } from './sink-topics.ts'

export interface SourceOffset {
  readonly partition: OffsetMap | null
  readonly offset: OffsetMap | null
}

export interface AlterableOffsets extends OffsetStore {
  /** Changes offsets by hand; null forgets one. Throws DataError for maps of the wrong form. */
  alter(offsets: readonly SourceOffset[]): void
}

/** The offsets of all connectors. */
export interface Offsets {
  reader(connector: string): OffsetReader
  store(connector: string, log: Logger): AlterableOffsets
  list(connector: string): readonly SourceOffset[]
}

export interface WorkerDeps {
  /** The worker file, variables resolved. */
  readonly props: Props
  readonly flushIntervalMs: number
  readonly flushTimeoutMs: number
  readonly isTopicCreationEnabled: boolean
  readonly plugins: PluginRegistry
  readonly clients: KafkaClients
  readonly offsets: Offsets
  readonly offsetsTopic: OffsetsTopic
  /** null: topic tracking is off. */
  readonly topics: ActiveTopics | null
  readonly log: Logger
}

export interface TaskSpec {
  readonly id: TaskId
  readonly plugin: SourceConnector | SinkConnector
  /** Fails the connector as a whole. */
  readonly failConnector: (error: Error) => void
  /** Read at every start of the task. Throws ConfigError where variables cannot be resolved. */
  readonly settings: () => TaskSettings
}

export interface TaskSettings {
  /** The connector's settings, variables resolved. */
  readonly connector: Props
  readonly common: CommonSettings
  /** The task's own settings, variables resolved. */
  readonly task: Props
}

const workerLogger = 'org.apache.kafka.connect.runtime.Worker'

/** Builds tasks out of settings: the plugins, converters, transforms and Kafka clients of each. */
export class Worker {
  readonly #deps: WorkerDeps

  constructor(deps: WorkerDeps) {
    this.#deps = deps
  }

  /** What a connector's settings get wrong that only shows when it starts. Throws ConfigError. */
  checkStart(kind: 'source' | 'sink', props: Props): void {
    if (kind === 'sink') return
    if (this.#deps.isTopicCreationEnabled) checkTopicCreation(props)
    checkSourceDeadLetters(this.#deps.props, props)
  }

  /** One run of a task; `report` is where it tells how far it is. */
  taskBody({ id, plugin, settings, failConnector }: TaskSpec, report: TaskReport, log: Logger): TaskBody {
    return async (state, onStatus) => {
      log.named(workerLogger).info(`Creating task ${taskText(id)}`)
      const run = { id, state, onStatus, report, log, ...settings() }
      const pipeline = await this.#pipeline(run)
      try {
        if (plugin.kind === 'source') await this.#runSource(plugin, pipeline, run)
        else await this.#runSink(plugin, pipeline, run)
      } catch (error) {
        if (error instanceof LostOffsetsError) failConnector(error)
        throw error
      } finally {
        pipeline.chain.close(log)
      }
    }
  }

  /** What the records of a task go through beside its own plugin. */
  async #pipeline({ id, connector, log }: TaskRun): Promise<PipelineParts> {
    const { props, plugins } = this.#deps
    const chain = await buildChain(connector, plugins)
    const inWorker = log.named(workerLogger)
    const given = { connector, worker: props, task: taskText(id) }
    const converters = await chooseConverters(given, plugins, inWorker)
    inWorker.info(`Initializing: ${chain.toString()}`)
    return { chain, converters }
  }

  #errors({ id, connector, common, state, report, log }: TaskRun, converters: Converters): TaskErrorsDeps {
    const { props, clients, flushTimeoutMs } = this.#deps
    const admin = adminSettings(props, connector, 'connector-dlq-adminclient-')
    const producer = producerSettings(props, connector, `connector-dlq-producer-${taskText(id)}`)
    const restart = restartConfig.parse(connector)
    return {
      id,
      settings: common,
      deadLetters: deadLetterConfig.parse(connector),
      converters,
      counts: report.errorCounts,
      comesAgain: (error) => heals(restart, error),
      cancelled: state.cancelled,
      openAdmin: () => clients.admin(admin, log),
      openProducer: (listener) => clients.producer(producer, listener, log),
      closeTimeoutMs: flushTimeoutMs,
      log,
    }
  }

  /** JSON without schemas, for what a task's own converters cannot write. */
  async #json(): Promise<Converter> {
    const plugin = await this.#deps.plugins.plugin('converter', 'org.apache.kafka.connect.json.JsonConverter')
    return plugin.create(plugin.config.parse({ 'schemas.enable': 'false' }), 'value')
  }

  async #runSource(
    plugin: SourceConnector,
    { chain, converters }: PipelineParts,
    run: TaskRun,
  ): Promise<void> {
    const { id, connector, task, log } = run
    const { props, clients, offsets, offsetsTopic, flushIntervalMs } = this.#deps
    const settings = parsed(plugin, task, '')
    const operator = sourceErrors(this.#errors(run, converters), () => this.#json())
    const admin = adminSettings(props, connector, `connector-adminclient-${taskText(id)}`)
    const topicCreator = this.#deps.isTopicCreationEnabled
      ? TopicCreator.create(connector, () => clients.admin(admin, log), admin['bootstrap.servers']!)
      : null
    const boundary = offsetsTopic.isEnabled
      ? chooseBoundary(transactionConfig.parse(connector), { plugin, props: connector, flushIntervalMs })
      : null
    const context = {
      connector: id.connector,
      task: id.task,
      log: log.named(plugin.name),
      offsetReader: offsets.reader(id.connector),
      configs: () => task,
      transactionContext: boundary instanceof ConnectorBoundary ? boundary : null,
    }
    await new SourceTaskRunner({
      ...run,
      startTask: async () => plugin.startTask(settings, context),
      openDelivery: (failed) =>
        boundary === null
          ? this.#atLeastOnce(run, operator, failed)
          : this.#inTransactions(run, boundary, failed),
      pipeline: new SourcePipeline(chain, converters, operator),
      operator,
      topicCreator,
    }).run()
  }

  #atLeastOnce(
    run: TaskRun,
    operator: RetryWithToleranceOperator<SourceRecord>,
    failed: DeliveryFailed,
  ): SourceDelivery {
    const { id, connector, log } = run
    const { props, clients, offsets, offsetsTopic, topics, flushIntervalMs, flushTimeoutMs } = this.#deps
    const producer = producerSettings(props, connector, `connector-producer-${taskText(id)}`)
    return new AtLeastOnceDelivery({
      ...run,
      openProducer: (listener) => clients.producer(producer, listener, log),
      operator,
      // It may have had transactions before.
      prepare: () => offsetsTopic.leave({ connector: id.connector, props: connector }),
      offsets: offsets.store(id.connector, log),
      activeTopics: topics?.of(id.connector) ?? null,
      flushIntervalMs,
      flushTimeoutMs,
      failed,
    })
  }

  #inTransactions(run: TaskRun, boundary: TransactionBoundary, failed: DeliveryFailed): SourceDelivery {
    const { id, connector, log } = run
    const { props, clients, offsetsTopic, topics } = this.#deps
    const atLeastMs = boundary.intervalMs ?? 0
    const { workerId } = offsetsTopic
    const producer = transactionalProducerSettings(props, connector, { id, workerId, atLeastMs })
    return new TransactionalDelivery({
      ...run,
      openProducer: (listener) => clients.producer(producer, listener, log),
      offsets: offsetsTopic.of({ connector: id.connector, props: connector }, id.task),
      boundary,
      activeTopics: topics?.of(id.connector) ?? null,
      failed,
    })
  }

  async #runSink(plugin: SinkConnector, { chain, converters }: PipelineParts, run: TaskRun): Promise<void> {
    const { id, connector, task, log } = run
    const { props, clients, flushIntervalMs, flushTimeoutMs } = this.#deps
    const settings = parsed(plugin, task, '')
    const errors = sinkErrors(this.#errors(run, converters))
    const restart = restartConfig.parse(connector)
    await new SinkTaskRunner({
      ...run,
      topics: subscribedTopics(connector),
      activeTopics: this.#deps.topics?.of(id.connector) ?? null,
      startTask: async (context) => plugin.startTask(settings, { ...context, log: log.named(plugin.name) }),
      openConsumer: () => clients.consumer(consumerSettings(props, connector, id), log),
      pipeline: new SinkPipeline(chain, converters, errors.operator),
      errors,
      redelivery: restart['errors.restart.policy'] === 'none' ? null : restartBackoff(restart),
      configs: () => task,
      flushIntervalMs,
      flushTimeoutMs,
    }).run()
  }
}

interface PipelineParts {
  readonly chain: TransformationChain
  readonly converters: Converters
}

/** One run of a task: its settings, what it is asked to do, and whom it tells. */
interface TaskRun extends TaskSettings {
  readonly id: TaskId
  readonly state: RunState
  readonly onStatus: StatusListener
  readonly report: TaskReport
  readonly log: Logger
}
