import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { fromChecksummedLine, toChecksummedLine } from '../checksummed-line.ts'
import type { SavedTransactions } from './log-transactions.ts'
import type { SavedProducer } from './producer-state.ts'
import type { SegmentSummary } from './segment.ts'
import { SparseIndex, type SavedIndex } from './sparse-index.ts'

/**
 * What stands beside a segment as `<base offset>.index`: its first `summary.size` bytes are whole, checked and on
 * the disk. At start only what lies behind them is read. Written when a segment is full and when its log closes.
 */
export interface Checkpoint {
  summary: SegmentSummary
  index: SparseIndex
  /** The producers' state at the end of these bytes. */
  producers: SavedProducer[]
  /** The same of the transactions. */
  transactions: SavedTransactions
}

interface SavedSummary extends SegmentSummary {
  format: 1
}

export function writeCheckpoint(path: string, { summary, index, producers, transactions }: Checkpoint): void {
  const saved: SavedSummary = { format: 1, ...summary }
  const text = [saved, index.save(), producers, transactions].map(toChecksummedLine).join('')
  const fd = openSync(`${path}.new`, 'w', 0o644)
  try {
    writeSync(fd, text)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(`${path}.new`, path)
}

/** The checkpoint, or null where there is none or it is damaged: then the segment is read from its start. */
export function readCheckpoint(path: string): Checkpoint | null {
  let lines: string[]
  try {
    lines = readFileSync(path, 'utf8').split('\n')
  } catch {
    return null
  }
  const summary = fromChecksummedLine(lines[0] ?? '') as SavedSummary | undefined
  const index = fromChecksummedLine(lines[1] ?? '') as SavedIndex | undefined
  const producers = fromChecksummedLine(lines[2] ?? '') as SavedProducer[] | undefined
  if (summary?.format !== 1 || index === undefined || producers === undefined) return null
  // Checkpoints from before there were transactions end here.
  const transactions = fromChecksummedLine(lines[3] ?? '') as SavedTransactions | undefined
  if (transactions === undefined && (lines[3] ?? '') !== '') return null
  return {
    summary,
    index: new SparseIndex(index),
    producers,
    transactions: transactions ?? { open: [], aborted: [] },
  }
}
