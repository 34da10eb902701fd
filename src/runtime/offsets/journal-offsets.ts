import type { OffsetMap } from '../../api/record.ts'
import type { OffsetReader } from '../../api/source.ts'
import type { Logger } from '../../util/logger.ts'
import type { AlterableOffsets, Offsets, SourceOffset } from '../worker.ts'
import type { OffsetJournal } from './journal.ts'
import { OffsetNamespace } from './offset-namespace.ts'

/** The offsets of all connectors, kept in one journal. */
export class JournalOffsets implements Offsets {
  readonly #journal: OffsetJournal

  constructor(journal: OffsetJournal) {
    this.#journal = journal
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
