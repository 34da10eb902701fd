import type { Props } from '../api/plugin.ts'
import type { SinkConnector } from '../api/sink.ts'
import type { OffsetReader, SourceConnector } from '../api/source.ts'
import type { CommonSettings } from '../config/connector-config.ts'
import type { KafkaClients } from '../kafka/client.ts'
import type { PluginRegistry } from '../plugins/registry.ts'
import type { Logger } from '../util/logger.ts'
import { adminSettings, consumerSettings, producerSettings } from './client-settings.ts'
import { chooseConverters, type Converters } from './converters.ts'
import type { RunState } from './run-state.ts'
import { RunningTask, type TaskBody } from './running-task.ts'
import { SinkPipeline } from './sink-pipeline.ts'
import { SinkTaskRunner } from './sink-task-runner.ts'
import { SourcePipeline } from './source-pipeline.ts'
import { type OffsetStore, SourceTaskRunner } from './source-task-runner.ts'
import type { StatusListener } from './status.ts'
import { type TaskId, taskText } from './task-id.ts'
import { Tolerance } from './tolerance.ts'
import { checkTopicCreation, TopicCreator } from './topic-creation.ts'
import { buildChain, parsed, type TransformationChain } from './transformation-chain.ts'
import { subscribedTopics } from './sink-topics.ts'

/** The offsets of all connectors. */
export interface Offsets {
  reader(connector: string): OffsetReader
  store(connector: string, log: Logger): OffsetStore
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
  readonly log: Logger
}

export interface TaskSpec {
  readonly id: TaskId
  readonly plugin: SourceConnector | SinkConnector
  /** The connector's settings, variables resolved. */
  readonly connector: Props
  readonly common: CommonSettings
  /** The task's own settings, variables resolved. */
  readonly task: Props
  readonly isPaused: boolean
}

/** Builds tasks out of settings: the plugins, converters, transforms and Kafka clients of each. */
export class Worker {
  readonly #deps: WorkerDeps

  constructor(deps: WorkerDeps) {
    this.#deps = deps
  }

  /** What a connector's settings get wrong that only shows when it starts. Throws ConfigError. */
  checkStart(kind: 'source' | 'sink', props: Props): void {
    if (kind === 'source' && this.#deps.isTopicCreationEnabled) checkTopicCreation(props)
  }

  startTask(spec: TaskSpec): RunningTask {
    const { connector, task } = spec.id
    const log = this.#deps.log.inContext(`[${connector}|task-${task}] `)
    log.info(`Creating task ${taskText(spec.id)}`)
    const { plugin } = spec
    const body: TaskBody = async (state, onStatus) => {
      const run = { state, onStatus, log }
      const pipeline = await this.#pipeline(spec, log)
      try {
        if (plugin.kind === 'source') await this.#runSource(spec, plugin, pipeline, run)
        else await this.#runSink(spec, plugin, pipeline, run)
      } finally {
        pipeline.chain.close(log)
      }
    }
    return new RunningTask(spec.id, body, { isPaused: spec.isPaused, log })
  }

  /** What the records of a task go through beside its own plugin. */
  async #pipeline({ id, connector, common }: TaskSpec, log: Logger): Promise<PipelineParts> {
    const { props, plugins } = this.#deps
    const tolerance = new Tolerance(common, id, log)
    const chain = await buildChain(connector, plugins)
    const converters = await chooseConverters({ connector, worker: props, task: taskText(id) }, plugins, log)
    log.info(`Initializing: ${chain.toString()}`)
    return { tolerance, chain, converters }
  }

  async #runSource(
    { id, connector, task }: TaskSpec,
    plugin: SourceConnector,
    { chain, converters, tolerance }: PipelineParts,
    run: TaskRun,
  ): Promise<void> {
    const { props, clients, offsets, flushIntervalMs, flushTimeoutMs } = this.#deps
    const { log } = run
    const settings = parsed(plugin, task, '')
    const admin = adminSettings(props, connector, `connector-adminclient-${taskText(id)}`)
    const topicCreator = this.#deps.isTopicCreationEnabled
      ? TopicCreator.create(connector, () => clients.admin(admin, log), admin['bootstrap.servers']!)
      : null
    const producer = producerSettings(props, connector, `connector-producer-${taskText(id)}`)
    const context = {
      connector: id.connector,
      task: id.task,
      log: log.named(plugin.name),
      offsetReader: offsets.reader(id.connector),
      configs: () => task,
    }
    await new SourceTaskRunner({
      ...run,
      id,
      startTask: async () => plugin.startTask(settings, context),
      openProducer: (listener) => clients.producer(producer, listener, log),
      pipeline: new SourcePipeline(chain, converters, tolerance),
      tolerance,
      topicCreator,
      offsets: offsets.store(id.connector, log),
      flushIntervalMs,
      flushTimeoutMs,
    }).run()
  }

  async #runSink(
    { id, connector, task }: TaskSpec,
    plugin: SinkConnector,
    { chain, converters, tolerance }: PipelineParts,
    run: TaskRun,
  ): Promise<void> {
    const { props, clients, flushIntervalMs, flushTimeoutMs } = this.#deps
    const { log } = run
    const settings = parsed(plugin, task, '')
    await new SinkTaskRunner({
      ...run,
      id,
      topics: subscribedTopics(connector),
      startTask: async (context) => plugin.startTask(settings, { ...context, log: log.named(plugin.name) }),
      openConsumer: () => clients.consumer(consumerSettings(props, connector, id), log),
      pipeline: new SinkPipeline(chain, converters, tolerance),
      configs: () => task,
      flushIntervalMs,
      flushTimeoutMs,
    }).run()
  }
}

interface PipelineParts {
  readonly chain: TransformationChain
  readonly converters: Converters
  readonly tolerance: Tolerance
}

/** The task's handle on its life: what it is asked to do, and whom it tells. */
interface TaskRun {
  readonly state: RunState
  readonly onStatus: StatusListener
  readonly log: Logger
}
