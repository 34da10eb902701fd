import type { PartitionExtent } from '../../kafka/client.ts'
import { UsageError } from './usage-error.ts'

/** Where to read from: `beginning`, `end`, an offset, or so many records before the end. */
export type StartOption = 'beginning' | 'end' | { readonly offset: number } | { readonly last: number }

export function parseStart(text: string): StartOption {
  if (text === 'beginning' || text === 'end') return text
  if (/^\d{1,15}$/.test(text)) return { offset: Number(text) }
  if (/^-\d{1,15}$/.test(text)) return { last: -Number(text) }
  throw new UsageError(`${text} is no offset. It takes beginning, end, an offset, or -N: N before the end.`)
}

/** The offset in this partition, moved to where there are records. */
export function startOffset(start: StartOption, extent: PartitionExtent): number {
  if (start === 'beginning') return extent.start
  if (start === 'end') return extent.end
  const offset = 'last' in start ? extent.end - start.last : start.offset
  return Math.min(Math.max(offset, extent.start), extent.end)
}
