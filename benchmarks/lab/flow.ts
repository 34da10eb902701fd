import { setTimeout as delay } from 'node:timers/promises'
import type { Program } from './program.ts'

/** How records went by, seen from outside. */
export interface Flow {
  /** From the first records seen to the last one. */
  readonly recordsPerSecond: number
  /** The same of the second half, when compilers are done. */
  readonly warmPerSecond: number
  /** Processor seconds of the program per million records, from the first records seen on. */
  readonly cpuPerMillion: number
  /** From the program's start to the first records, and to the last one. */
  readonly firstMs: number
  readonly lastMs: number
}

/** Watches until `count` says `total`; throws when the program ends or nothing comes for two minutes. */
export async function watchFlow(
  program: Program,
  total: number,
  count: () => Promise<number> | number,
  everyMs: number,
): Promise<Flow> {
  let first: { at: number; seen: number; cpu: number } | null = null
  let half: { at: number; seen: number } | null = null
  let before = 0
  for (let patience = performance.now() + 120_000; ;) {
    const seen = await count()
    const at = performance.now()
    program.checkAlive()
    // At every glance: one that ends by itself shows nothing behind its last record.
    const cpu = program.cpuSeconds
    if (seen > 0) first ??= { at, seen, cpu }
    if (seen >= total / 2) half ??= { at, seen }
    if (seen > total) throw new Error(`There are ${seen} records instead of ${total}.`)
    if (seen === total && first !== null && half !== null) {
      return {
        recordsPerSecond: rate(total - first.seen, at - first.at),
        warmPerSecond: rate(total - half.seen, at - half.at),
        cpuPerMillion: ((cpu - first.cpu) / (total - first.seen)) * 1e6,
        firstMs: first.at - program.startedAt,
        lastMs: at - program.startedAt,
      }
    }
    if (seen > before) patience = at + 120_000
    before = seen
    if (at > patience) throw new Error(`No more than ${seen} of ${total} came.\n${program.log.slice(-3000)}`)
    await delay(everyMs)
  }
}

/** Everything within one glance has no rate. */
function rate(records: number, ms: number): number {
  return records === 0 ? NaN : (records / ms) * 1000
}
