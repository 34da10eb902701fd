import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The record counts of all batches in the segments below a folder, in order. */
export function batchSizes(folder: string): number[] {
  const counts: number[] = []
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.log'),
  )
  for (const name of files.sort()) {
    const bytes = readFileSync(join(folder, name))
    for (let at = 0; at + 61 <= bytes.length; at += 12 + bytes.readInt32BE(at + 8))
      counts.push(bytes.readInt32BE(at + 57))
  }
  return counts
}
