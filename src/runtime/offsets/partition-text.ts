import type { OffsetMap } from '../../api/record.ts'

/** A text that tells source partitions apart; any values, also such as cannot be stored. */
export function partitionText(partition: OffsetMap | null): string {
  return JSON.stringify(partition, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
}
