import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { ExactFileSinkTask } from '../../../src/connectors/file/exact-file-sink-task.ts'
import { SinkRecord, type SinkTaskContext, type TopicPartition } from '../../../src/index.ts'
import { silentLogger } from '../../../src/util/logger.ts'
import { tempFolder } from '../../support/temp-folder.ts'

/**
 * A topic, a consumer group and the calls that a runner makes of the sink: what is committed, what of it gets lost, and
 * what a kill leaves. Record `offset` of partition `p` has the value `p:offset`; every seventh is dropped on its way, as
 * by a filter.
 */
export class ExactSinkLab {
  readonly file = join(tempFolder(), 'out.txt')
  readonly committed = new Map<number, number>()
  readonly #positions = new Map<number, number>()
  readonly #paused = new Set<number>()
  readonly #signal = new AbortController().signal
  task: ExactFileSinkTask | null = null
  logEnd = 0
  isCommitRequested = false

  constructor() {
    onTestFinished(() => this.task?.stop().catch(() => {}))
  }

  async start(partitions: readonly number[]): Promise<void> {
    this.#positions.clear()
    this.#paused.clear()
    this.task = await ExactFileSinkTask.open(this.file, this.#context())
    this.assign(partitions)
  }

  assign(partitions: readonly number[]): void {
    for (const p of partitions) this.#positions.set(p, this.committed.get(p) ?? 0)
    this.task!.open(partitions.map(named))
  }

  /** Delivers up to so many records of each partition that is not paused. */
  async put(most: number): Promise<void> {
    const records: SinkRecord[] = []
    for (const [p, position] of this.#positions) {
      if (this.#paused.has(p)) continue
      const end = Math.min(this.logEnd, position + most)
      for (let offset = position; offset < end; offset++) {
        if (offset % 7 !== 6) records.push(recordOf(p, offset))
      }
      this.#positions.set(p, Math.max(position, end))
    }
    await this.task!.put(records, this.#signal)
  }

  /** `isLost`: the group never hears of it. */
  async commit(isLost = false, partitions = [...this.#positions.keys()]): Promise<void> {
    const asked = partitions.map((p) => ({ ...named(p), offset: this.#positions.get(p)! }))
    const offsets = await this.task!.preCommit(asked)
    if (!isLost) for (const { partition, offset } of offsets) this.committed.set(partition, offset)
  }

  async revoke(partitions: readonly number[], isLost = false): Promise<void> {
    if (!isLost) await this.commit(false, [...partitions])
    this.task!.close(partitions.map(named))
    for (const p of partitions) {
      this.#positions.delete(p)
      this.#paused.delete(p)
    }
  }

  /** What the process leaves that is killed in the middle of a write, to the file or to its checkpoints. */
  async kill(torn: string, tornCheckpoint = ''): Promise<void> {
    await this.task!.stop()
    this.task = null
    const checkpoints = `${this.file}.checkpoints`
    // Before its first checkpoint it writes nothing.
    if (!existsSync(checkpoints)) return
    appendFileSync(this.file, torn)
    appendFileSync(checkpoints, tornCheckpoint)
  }

  async stop(): Promise<void> {
    await this.commit()
    await this.task!.stop()
    this.task = null
  }

  /** Until the end of the topic, as a worker that nobody disturbs. */
  async finish(): Promise<void> {
    await this.commit()
    const isBehind = () => [...this.#positions.values()].some((position) => position < this.logEnd)
    while (isBehind()) {
      await this.put(50)
      await this.commit()
    }
  }

  /** Remembers the file; what it gives puts back what was cut off since, as a kill before the cut leaves it. */
  keep(): () => void {
    const kept = existsSync(this.file) ? readFileSync(this.file) : Buffer.alloc(0)
    return () => {
      if (kept.length > statSync(this.file).size) writeFileSync(this.file, kept)
    }
  }

  lines(): string[] {
    return readFileSync(this.file, 'utf8').split('\n').slice(0, -1)
  }

  /** The numbers of one partition's lines. */
  linesOf(partition: number): number[] {
    const own = this.lines().filter((line) => line.startsWith(`${partition}:`))
    return own.map((line) => Number(line.slice(line.indexOf(':') + 1)))
  }

  expected(from = 0): number[] {
    return Array.from({ length: this.logEnd - from }, (_, i) => from + i).filter((offset) => offset % 7 !== 6)
  }

  #context(): SinkTaskContext {
    return {
      connector: 'sink',
      task: 0,
      log: silentLogger,
      configs: () => ({}),
      offset: (offsets) => {
        for (const { partition, offset } of offsets) this.#positions.set(partition, offset)
      },
      timeout: () => {},
      assignment: () => [...this.#positions.keys()].map(named),
      pause: (partitions) => {
        for (const { partition } of partitions) this.#paused.add(partition)
      },
      resume: (partitions) => {
        for (const { partition } of partitions) this.#paused.delete(partition)
      },
      requestCommit: () => {
        this.isCommitRequested = true
      },
      errantRecordReporter: () => null,
    }
  }
}

function named(partition: number): TopicPartition {
  return { topic: 't', partition }
}

function recordOf(partition: number, offset: number): SinkRecord {
  const value = { schema: null, value: `${partition}:${offset}` }
  return new SinkRecord({ topic: 't', partition, offset, value })
}
