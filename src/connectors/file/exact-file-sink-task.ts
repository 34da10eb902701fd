import {
  ConnectError,
  encodeUtf8,
  javaText,
  toError,
  type SinkRecord,
  type SinkTask,
  type SinkTaskContext,
  type TopicPartition,
  type TopicPartitionOffset,
} from '../../index.ts'
import { checkpointPath, Checkpoints, partitionKey, type OffsetsByPartition } from './checkpoints.ts'
import { ExactFile } from './exact-file.ts'
import { resumePoint } from './resume-point.ts'

/**
 * A file sink whose file is exactly what the topics hold, once each. Every commit is a checkpoint first, durable before
 * the group hears of it: how long the file is, and which offsets that are. Partitions that come are paused until the
 * next commit, which tells where the group has them; then file and group are brought together (`resumePoint`).
 */
export class ExactFileSinkTask implements SinkTask {
  readonly #context: SinkTaskContext
  readonly #path: string
  readonly #file: ExactFile
  readonly #checkpoints: Checkpoints
  /** The offsets behind the last records in the file; also of partitions that are gone. */
  #offsets: Record<string, number> = {}
  readonly #assigned = new Map<string, TopicPartition>()
  /** Those of the assigned ones that nothing may be written of yet. */
  readonly #unsettled = new Set<string>()
  #failure: Error | null = null
  #isFailureKnown = false

  static async open(path: string, context: SinkTaskContext): Promise<ExactFileSinkTask> {
    const checkpoints = await Checkpoints.open(checkpointPath(path))
    return new ExactFileSinkTask(path, await ExactFile.open(path), checkpoints, context)
  }

  private constructor(path: string, file: ExactFile, checkpoints: Checkpoints, context: SinkTaskContext) {
    this.#path = path
    this.#file = file
    this.#checkpoints = checkpoints
    this.#context = context
  }

  open(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      const key = partitionKey(partition)
      this.#assigned.set(key, partition)
      this.#unsettled.add(key)
    }
    this.#context.pause(partitions)
    this.#context.requestCommit()
  }

  close(partitions: readonly TopicPartition[]): void {
    for (const key of partitions.map(partitionKey)) {
      this.#assigned.delete(key)
      this.#unsettled.delete(key)
    }
  }

  async put(records: readonly SinkRecord[], cancelled: AbortSignal): Promise<void> {
    this.#throwFailure()
    if (records.length === 0) return
    const next: Record<string, number> = {}
    let text = ''
    for (const { value, originalTopic, originalPartition, offset } of records) {
      text += `${javaText(value.value, value.schema)}\n`
      next[`${originalTopic}-${originalPartition}`] = offset + 1
    }
    await this.#file.write(encodeUtf8(text), cancelled)
    Object.assign(this.#offsets, next)
  }

  /**
   * Where it fails, nothing is committed and the next `put` fails: a runner that rewinds and goes on, as it does when this
   * throws, would have lines written twice.
   */
  async preCommit(offsets: readonly TopicPartitionOffset[]): Promise<readonly TopicPartitionOffset[]> {
    if (this.#failure !== null) return []
    try {
      const group = Object.fromEntries(offsets.map((each) => [partitionKey(each), each.offset]))
      const settled = offsets.filter((each) => !this.#unsettled.has(partitionKey(each)))
      for (const each of settled) this.#offsets[partitionKey(each)] = each.offset
      if (Object.keys(this.#offsets).length > 0) await this.#checkpoint()
      const isEveryKnown = [...this.#unsettled].every((key) => key in group)
      if (this.#unsettled.size === 0 || !isEveryKnown) return settled
      await this.#settle(group)
    } catch (error) {
      this.#failure = toError(error)
    }
    return []
  }

  async stop(): Promise<void> {
    try {
      await this.#file.close()
    } finally {
      await this.#checkpoints.close()
    }
    if (!this.#isFailureKnown) this.#throwFailure()
  }

  #throwFailure(): void {
    if (this.#failure === null) return
    this.#isFailureKnown = true
    throw this.#failure
  }

  async #checkpoint(): Promise<void> {
    const { newest } = this.#checkpoints
    const isNew = newest?.length !== this.#file.length || !isSame(newest.offsets, this.#offsets)
    if (isNew)
      await this.#checkpoints.append({ ...(await this.#file.checkpoint()), offsets: { ...this.#offsets } })
  }

  async #settle(group: OffsetsByPartition): Promise<void> {
    const { log } = this.#context
    const { history } = this.#checkpoints
    const point = resumePoint(history, group)
    if (point.kind === 'refuse') throw this.#disagreement(point.problem)
    if (point.kind === 'append') {
      if (!point.isFirst) {
        log.warn(
          `The consumer group is at offsets from before the first checkpoint of ${this.#path}: records from there on are appended to what it has.`,
        )
      }
      await this.#file.endLine()
      await this.#checkpoints.rewrite([{ ...(await this.#file.checkpoint()), offsets: point.offsets }])
    } else {
      const { checkpoint, offsets } = point
      if (!(await this.#file.holds(checkpoint))) {
        throw this.#disagreement(
          `it had ${checkpoint.length} bytes at its last commit, and has ${this.#file.length} now, or others`,
        )
      }
      const kept = history.checkpoints.slice(0, history.checkpoints.indexOf(checkpoint) + 1)
      const isNew = !isSame(checkpoint.offsets, offsets)
      // Those behind it first: they describe bytes that are cut now and written otherwise later.
      await this.#checkpoints.rewrite(isNew ? [...kept, { ...checkpoint, offsets }] : kept)
      const behind = this.#file.length - checkpoint.length
      if (behind > 0) {
        log.warn(
          `${this.#path} was cut by ${behind} bytes, back to its length at the offsets it goes on from. The records come again.`,
        )
        await this.#file.cutTo(checkpoint.length)
      }
    }
    this.#goOn(group, point.offsets)
  }

  #goOn(group: OffsetsByPartition, offsets: OffsetsByPartition): void {
    const rewinds = [...this.#assigned].filter(([key]) => offsets[key] !== (group[key] ?? this.#offsets[key]))
    if (rewinds.length > 0)
      this.#context.offset(rewinds.map(([key, partition]) => ({ ...partition, offset: offsets[key]! })))
    this.#offsets = { ...offsets }
    this.#context.resume([...this.#unsettled].map((key) => this.#assigned.get(key)!))
    this.#unsettled.clear()
  }

  #disagreement(problem: string): ConnectError {
    return new ConnectError(
      `The file ${this.#path} and its checkpoints do not fit together (${problem}). Was it replaced, or written or the group ` +
        `moved by something else? To go on from the group's offsets with the file as it is, remove ${checkpointPath(this.#path)}.`,
    )
  }
}

function isSame(a: OffsetsByPartition, b: OffsetsByPartition): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key])
}
