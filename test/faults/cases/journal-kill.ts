import { existsSync, readFileSync, statSync, watch } from 'node:fs'
import { once } from 'node:events'
import { decodeJournal } from '../../../src/runtime/offsets/journal-format.ts'
import { until } from '../../support/until.ts'
import { DiskControl } from '../faulty-disk.ts'
import { type FaultCase, type Lab, problemsOf } from '../lab.ts'
import { Load } from '../load.ts'
import type { FaultyWorker } from '../worker.ts'

/** The calls by which a new generation is written, made durable and put in place, and those behind it. */
const calls = Array.from({ length: 12 }, (_, call) => call)
/** Twice five requests of some ten records each: acknowledged, and not noted when the kill came. */
const mostRepeatedPerKill = 100

/** kill -9 before each call of a compaction; in every fourth round when its file appears, or at some size of the journal. */
export const journalKill: FaultCase = {
  name: 'journal-kill',
  numbers: '3',
  about: 'kill -9 of the worker while it writes and compacts the offset file',
  async run(lab, { rounds: asked }) {
    const rounds = asked ?? 16
    await lab.startBroker()
    lab.write(0, 0)
    const disk = new DiskControl(lab, lab.path('connect.offsets'))
    const worker = lab.worker([await lab.workerFile(), lab.sourceFile(smallAppends(lab))], disk.env)
    const load = new Load(lab, 5000)
    const order = calls
      .map((call) => [lab.random(), call] as const)
      .sort(([a], [b]) => a - b)
      .map(([, call]) => call)
    const problems: string[] = []
    let compactions = 0
    let position = 0
    for (let round = 0; round < rounds; round++) {
      const call = round % 4 === 3 ? null : order[(round - (round >> 2)) % order.length]!
      disk.set({ killBefore: call })
      worker.start()
      await killed(worker, lab, call)
      const { position: found, damage, generation } = journalState(lab.path('connect.offsets'))
      if (found < position)
        problems.push(`round ${round}: the journal went back from ${position} to ${found}`)
      if (damage.length > 0) problems.push(`round ${round}: the journal is damaged: ${damage.join('; ')}`)
      if (worker.logSinceStart.includes(' ERROR '))
        problems.push(`round ${round}: ${worker.logSinceStart.slice(-500)}`)
      position = found
      compactions = generation
    }
    disk.set({})
    lab.sourceFile({ file: longName(lab) })
    worker.start()
    const count = load.end()
    await lab.reached(() => lab.committed(), count, worker)
    await worker.stop('SIGTERM')
    const verdict = await lab.judgeTopic('t', count)
    problems.push(...problemsOf(verdict, rounds * mostRepeatedPerKill))
    if (compactions < 2) problems.push(`the journal was compacted only ${compactions} times`)
    const notes = `generation ${compactions} of the journal`
    return { ...verdict, rounds, recoveryMs: null, peakMb: worker.peakMb, problems, notes }
  },
}

/**
 * A long name of the source's file makes long lines of the journal, and small batches many: a few thousand records
 * fill the 1 MiB from which it is compacted.
 */
export function smallAppends(lab: Lab): Record<string, string> {
  return {
    'file': longName(lab),
    'producer.override.batch.size': '500',
    'producer.override.linger.ms': '0',
  }
}

export function longName(lab: Lab): string {
  return `${lab.folder}${'/.'.repeat(1900)}/in.txt`
}

/** What stands in a journal, as far as it is intact. */
export function journalState(file: string) {
  if (!existsSync(file)) return { position: 0, damage: [], generation: 0 }
  const { lines, damage, header } = decodeJournal(readFileSync(file))
  const [, value] = lines.at(-1)?.set.at(-1) ?? []
  const { position = 0 } = JSON.parse(value ?? '{}') as { position?: number }
  return { position, damage, generation: header?.generation ?? 0 }
}

/** By itself before the given call of a compaction; else from outside, as soon as its file is there or at some size. */
async function killed(worker: FaultyWorker, lab: Lab, call: number | null): Promise<void> {
  if (call === null) {
    if (lab.random() < 0.5) await changed(lab, ['connect.offsets.new', 'connect.offsets.1.new'])
    else await untilSize(lab, worker)
  } else
    await until(() => !worker.isRunning, {
      what: `the compaction to reach call ${call}`,
      everyMs: 2,
      timeoutMs: 30_000,
    })
  await worker.stop('SIGKILL')
}

async function changed(lab: Lab, names: readonly string[]): Promise<void> {
  const watcher = watch(lab.folder)
  const wanted = names[Math.floor(lab.random() * names.length)]
  try {
    for (;;) {
      const [, name] = (await once(watcher, 'change', { signal: AbortSignal.timeout(30_000) })) as [
        string,
        string,
      ]
      if (name === wanted) return
    }
  } finally {
    watcher.close()
  }
}

async function untilSize(lab: Lab, worker: FaultyWorker): Promise<void> {
  const size = Math.floor(lab.random() * 900_000)
  const file = lab.path('connect.offsets')
  const { generation } = journalState(file)
  await until(
    () => worker.checkAlive() && journalState(file).generation > generation && statSync(file).size > size,
    { what: `the journal to have ${size} bytes`, everyMs: 5, timeoutMs: 30_000 },
  )
}
