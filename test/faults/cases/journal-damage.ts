import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { until } from '../../support/until.ts'
import { type FaultCase, problemsOf } from '../lab.ts'
import { Load } from '../load.ts'
import { recordBytes } from '../numbered-records.ts'
import type { FaultyWorker } from '../worker.ts'
import { journalState, smallAppends } from './journal-kill.ts'

interface Damage {
  readonly name: string
  /** Returns what puts things right again, where the worker has to refuse to start before. */
  do(file: string, random: () => number): (() => void) | void
  /** What the worker has to say. */
  readonly says: RegExp
}

/** Between two runs the offset file is damaged: that is noticed and said, and the best that is left is used. */
export const journalDamage: FaultCase = {
  name: 'journal-damage',
  numbers: '4',
  about: 'the offset file is cut, zeroed, changed, emptied, removed or out of reach between two runs',
  async run(lab, { rounds: asked }) {
    const rounds = asked ?? 1
    await lab.startBroker()
    lab.write(0, 0)
    const folder = lab.path('offsets')
    mkdirSync(folder)
    const file = join(folder, 'connect.offsets')
    const worker = lab.worker([
      await lab.workerFile({ 'offset.storage.file.filename': file }),
      lab.sourceFile(smallAppends(lab)),
    ])
    const load = new Load(lab, 1500)
    const problems: string[] = []
    const goesOn = (what: string, position: number) =>
      until(() => worker.checkAlive() && existsSync(`${file}.1`) && journalState(file).position > position, {
        what,
        timeoutMs: 60_000,
      })
    let [mayRepeat, recoveryMs] = [0, 0]
    worker.start()
    await goesOn('a previous generation', 0)
    for (let round = 0; round < rounds; round++) {
      for (const damage of damages) {
        await worker.stop('SIGTERM')
        const { position } = journalState(file)
        const undo = damage.do(file, lab.random)
        if (undo === undefined) mayRepeat += (position - bestPosition(file)) / recordBytes
        else {
          problems.push(...(await refusal(worker, damage)))
          undo()
        }
        const started = performance.now()
        worker.start()
        await goesOn(`records after the file was ${damage.name}`, position)
        recoveryMs = Math.max(recoveryMs, performance.now() - started)
        if (undo === undefined) problems.push(...unsaid(worker, damage))
      }
    }
    const count = load.end()
    await until(() => worker.checkAlive() && journalState(file).position >= count * recordBytes, {
      what: `the end of the ${count} records`,
      timeoutMs: 120_000,
    })
    await worker.stop('SIGTERM')
    const verdict = await lab.judgeTopic('t', count)
    problems.push(...problemsOf(verdict, mayRepeat))
    const names = damages.map(({ name }) => name).join(', ')
    const notes = `${names}${isRoot ? '; not tried, because root may read everything: unreadable' : ''}`
    return { ...verdict, rounds, recoveryMs, peakMb: worker.peakMb, problems, notes }
  },
}

/** Where the damage may be anywhere, the header included, it is one of these. */
const damaged =
  /WARN The offset file .* ends in the middle of a line|ERROR The offset file .* is damaged|ERROR Nothing in .* can be read/

const isRoot = process.getuid?.() === 0

const damages: readonly Damage[] = [
  {
    name: 'cut in a line',
    do: (file, random) => {
      const bytes = readFileSync(file)
      let at = 1 + Math.floor(random() * (bytes.length - 1))
      // A cut between two lines looks like a kill before the second was written, and costs no more than one.
      if (bytes[at - 1] === newline) at--
      writeFileSync(file, bytes.subarray(0, at))
    },
    says: damaged,
  },
  {
    name: 'zeroed at its end',
    do: (file, random) => {
      const bytes = readFileSync(file)
      writeFileSync(file, bytes.fill(0, 1 + Math.floor(random() * (bytes.length - 1))))
    },
    says: damaged,
  },
  {
    name: 'followed by zeros',
    do: (file) => appendFileSync(file, Buffer.alloc(4096)),
    says: /WARN The offset file .* ends in the middle of a line/,
  },
  {
    name: 'changed in one bit',
    do: (file, random) => {
      const bytes = readFileSync(file)
      bytes[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(random() * 8)
      writeFileSync(file, bytes)
    },
    says: /ERROR The offset file .* is damaged/,
  },
  {
    name: 'emptied',
    do: (file) => writeFileSync(file, ''),
    says: /ERROR The offset file .* is empty\. 1 offsets come from its previous generation/,
  },
  {
    name: 'removed',
    do: (file) => rmSync(file),
    says: /ERROR The offset file .* is missing\. 1 offsets come from its previous generation/,
  },
  {
    name: 'overwritten',
    do: (file, random) => writeFileSync(file, noise(random)),
    says: /ERROR Nothing in the offset file .* can be read\. 1 offsets come from its previous generation/,
  },
  {
    name: 'overwritten with its previous generation',
    do: (file, random) => {
      const good = readFileSync(file)
      for (const name of [file, `${file}.1`]) writeFileSync(name, noise(random))
      return () => writeFileSync(file, good)
    },
    says: /Nothing in the offset file .* can be read\. The worker does not start, because connectors would begin again/,
  },
  {
    name: 'without its folder',
    do: (file) => {
      renameSync(dirname(file), `${dirname(file)}.away`)
      return () => renameSync(`${dirname(file)}.away`, dirname(file))
    },
    says: /The offset file .* cannot be used: its folder .* does not exist\. Create it, or name another place/,
  },
  ...(isRoot ? [] : [unreadable()]),
]

function unreadable(): Damage {
  return {
    name: 'unreadable',
    do: (file) => {
      chmodSync(file, 0)
      return () => chmodSync(file, 0o600)
    },
    says: /The offset file .* cannot be used: permission denied/,
  }
}

const newline = 0x0a

function noise(random: () => number): Buffer {
  return Buffer.from(Array.from({ length: 5000 }, () => Math.floor(random() * 256)))
}

/** What is to be had from the journal and its previous generation. */
function bestPosition(file: string): number {
  return journalState(file).position || journalState(`${file}.1`).position
}

function unsaid(worker: FaultyWorker, { name, says }: Damage): string[] {
  const log = worker.logSinceStart
  return says.test(log) ? [] : [`the file was ${name}, and the worker says only\n${log.slice(0, 1500)}`]
}

/** Starts a worker that must not start. */
async function refusal(worker: FaultyWorker, damage: Damage): Promise<string[]> {
  worker.start()
  await until(() => !worker.isRunning, { what: `the worker to refuse, when the file was ${damage.name}` })
  const code = await worker.stop('SIGTERM')
  const problem =
    code === 2 ? [] : [`the file was ${damage.name}, and the worker ended with ${code} instead of 2`]
  return [...problem, ...unsaid(worker, damage)]
}
