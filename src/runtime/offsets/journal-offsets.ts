import type { OffsetMap } from '../../api/record.ts'
import type { OffsetReader } from '../../api/source.ts'
import type { Logger } from '../../util/logger.ts'
import type { OffsetFile } from '../exactly-once/offsets-topic.ts'
import type { OffsetTexts, TopicMark } from '../exactly-once/reconcile.ts'
import type { AlterableOffsets, Offsets, SourceOffset } from '../worker.ts'
import type { OffsetChange } from './journal-format.ts'
import type { OffsetJournal } from './journal.ts'
import { keyStart, OffsetNamespace } from './offset-namespace.ts'

/** The offsets of all connectors, kept in one journal. */
export class JournalOffsets implements Offsets, OffsetFile {
  readonly #journal: OffsetJournal

  constructor(journal: OffsetJournal) {
    this.#journal = journal
  }

  get path(): string {
    return this.#journal.path
  }

  get workerId(): string {
    return this.#journal.worker
  }

  mark(connector: string): TopicMark | null {
    const text = this.#journal.get(markKey(connector))
    return text == null ? null : (JSON.parse(text) as TopicMark)
  }

  setMark(connector: string, mark: TopicMark): void {
    this.#journal.put([[markKey(connector), JSON.stringify(mark)]])
  }

  texts(connector: string): OffsetTexts {
    const start = keyStart(connector)
    return new Map([...this.#journal.entries()].filter(([key]) => key.startsWith(start)))
  }

  set(changes: readonly OffsetChange[]): void {
    this.#journal.put(changes)
  }

  change(connector: string, partition: OffsetMap | null, offset: OffsetMap | null): OffsetChange {
    return new OffsetNamespace(this.#journal, connector).change(partition, offset)
  }

  flush(): Promise<void> {
    return this.#journal.flush()
  }

  reader(connector: string): OffsetReader {
    const namespace = new OffsetNamespace(this.#journal, connector)
    return {
      offset: async (partition) => namespace.offset(partition),
      offsets: async (partitions) => partitions.map((partition) => namespace.offset(partition)),
    }
  }

  list(connector: string): readonly SourceOffset[] {
    return new OffsetNamespace(this.#journal, connector).list()
  }

  store(connector: string, log: Logger): AlterableOffsets {
    const namespace = new OffsetNamespace(this.#journal, connector)
    const change = (partition: OffsetMap | null, offset: OffsetMap | null) => {
      try {
        return [namespace.change(partition, offset)]
      } catch (error) {
        log.error(
          `CRITICAL: Failed to serialize offset data, making it impossible to commit offsets under namespace ${connector}.`,
          error,
        )
        return []
      }
    }
    return {
      put: (offsets) =>
        this.#journal.put([...offsets].flatMap(([partition, offset]) => change(partition, offset))),
      alter: (offsets) =>
        this.#journal.put(offsets.map(({ partition, offset }) => namespace.change(partition, offset))),
      flush: () => this.#journal.flush(),
    }
  }
}

/** No offset's key: those are lists. */
function markKey(connector: string): string {
  return `exactly-once:${connector}`
}
