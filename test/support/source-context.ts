import type { OffsetMap, SourceTaskContext } from '../../src/index.ts'
import { silentLogger } from '../../src/util/logger.ts'

/** The context of a source task whose only stored offset is this one. */
export function sourceContext(stored: OffsetMap | null = null): SourceTaskContext {
  return {
    connector: 'c',
    task: 0,
    log: silentLogger,
    transactionContext: null,
    offsetReader: { offset: async () => stored, offsets: async (partitions) => partitions.map(() => stored) },
    configs: () => ({}),
  }
}
