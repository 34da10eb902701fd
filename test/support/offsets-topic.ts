import type { KafkaClients } from '../../src/kafka/client.ts'
import { type OffsetFile, OffsetsTopic } from '../../src/runtime/exactly-once/offsets-topic.ts'
import type { TopicMark } from '../../src/runtime/exactly-once/reconcile.ts'
import { OffsetNamespace } from '../../src/runtime/offsets/offset-namespace.ts'
import { silentLogger } from '../../src/util/logger.ts'

/** An offset file in memory. */
export class MemoryOffsetFile implements OffsetFile {
  readonly path: string = '/offsets'
  readonly workerId: string = 'worker-1'
  readonly entries = new Map<string, string | null>()
  readonly marks = new Map<string, TopicMark>()
  flushes = 0

  mark(connector: string): TopicMark | null {
    return this.marks.get(connector) ?? null
  }

  setMark(connector: string, mark: TopicMark): void {
    this.marks.set(connector, mark)
  }

  texts(connector: string): ReadonlyMap<string, string | null> {
    return new Map([...this.entries].filter(([key]) => key.startsWith(`["${connector}",`)))
  }

  set(changes: readonly (readonly [string, string | null])[]): void {
    for (const [key, value] of changes) this.entries.set(key, value)
  }

  change(...[connector, partition, offset]: Parameters<OffsetFile['change']>) {
    return new OffsetNamespace(this.entries, connector).change(partition, offset)
  }

  async flush(): Promise<void> {
    this.flushes++
  }
}

/** Of a worker without transactions. */
export function unusedOffsetsTopic(clients: KafkaClients): OffsetsTopic {
  return new OffsetsTopic({
    isEnabled: false,
    clients,
    workerProps: {},
    file: new MemoryOffsetFile(),
    acceptLostOffsets: false,
    log: silentLogger,
  })
}
