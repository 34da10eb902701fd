import type { SavedGroup } from './groups/saved-group.ts'
import type { SavedTransaction } from './transactions/transaction.ts'

/** One line of the journal. Applied in order, they give the broker's metadata. */
export type JournalEntry =
  | { type: 'format'; version: number; clusterId: string }
  | {
      type: 'topic'
      name: string
      id: string
      partitions: number
      configs: Record<string, string>
      /** Where DeleteRecords put the start of partitions. */
      starts: Record<string, number>
    }
  | { type: 'topic-deleted'; name: string; id: string }
  | { type: 'offsets'; group: string; offsets: JournalOffset[] }
  | { type: 'offsets-deleted'; group: string; partitions: [string, number][] }
  | { type: 'group'; group: SavedGroup }
  | { type: 'group-deleted'; group: string }
  | { type: 'producer-ids'; next: number }
  | { type: 'transaction'; transaction: SavedTransaction }
  | { type: 'transaction-deleted'; id: string }

/** Topic, partition, offset, leader epoch, metadata, time of the commit. */
export type JournalOffset = [string, number, number, number, string | null, number]
