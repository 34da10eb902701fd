import { vi } from 'vitest'
import { JavaProcess } from './services.ts'

interface Event {
  readonly name: string
  readonly partitions?: readonly { readonly partition: number; readonly minOffset?: number }[]
  readonly count?: number
}

/** Kafka's own test consumer of topic `t` in group `g`: says in JSON what happens to it. */
export class VerifiableConsumer {
  readonly #process: JavaProcess

  constructor(address: string, ...args: string[]) {
    const tool = 'org.apache.kafka.tools.VerifiableConsumer'
    const fixed = ['--bootstrap-server', address, '--topic', 't', '--group-id', 'g']
    this.#process = new JavaProcess([tool, ...fixed, '--session-timeout', '20000', ...args])
  }

  /** What it has said so far; log lines stand between, and the last line may be half of one. */
  get #said(): Event[] {
    const lines = this.#process.output.split('\n').slice(0, -1)
    return lines.filter((line) => line.startsWith('{"')).map((line) => JSON.parse(line) as Event)
  }

  /** The events of a kind, oldest first. */
  events(name: string): Event[] {
    return this.#said.filter((event) => event.name === name)
  }

  get consumed(): number {
    return this.events('records_consumed').reduce((sum, { count }) => sum + count!, 0)
  }

  /** What it has now, whether partitions come all at once or a few at a time. */
  get partitions(): number[] {
    const has = new Set<number>()
    for (const { name, partitions = [] } of this.#said) {
      for (const { partition } of partitions) {
        if (name === 'partitions_assigned') has.add(partition)
        if (name === 'partitions_revoked') has.delete(partition)
      }
    }
    return [...has].sort()
  }

  async whenItHas(check: (partitions: number[]) => boolean): Promise<void> {
    const look = () => {
      if (!check(this.partitions)) throw new Error(`It has ${this.partitions}.\n${this.#process.output}`)
    }
    await vi.waitFor(look, { timeout: 60_000, interval: 50 })
  }

  whenExited(): Promise<number | null> {
    return this.#process.whenExited()
  }

  stop(): Promise<void> {
    return this.#process.stop()
  }
}
