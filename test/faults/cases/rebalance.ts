import { existsSync, readFileSync, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../../support/until.ts'
import { groupOffsets } from '../kafka.ts'
import { type FaultCase, type Lab, problemsOf } from '../lab.ts'
import { Load } from '../load.ts'
import { shortSession } from './sink-kill.ts'

/** What one that wakes up has in hand, and gets before it hears that it was thrown out. */
const mostLate = 2000

/** A second worker's task of the same sink comes and goes, politely, killed, and stopped for longer than its session. */
export const rebalance: FaultCase = {
  name: 'rebalance',
  numbers: '9',
  about: "a second member of the sink's group joins, leaves, dies and stalls",
  async run(lab, { rounds: asked }) {
    const rounds = asked ?? 3
    await lab.startBroker()
    lab.write(0, 1000)
    const partitions = {
      'topic.creation.default.partitions': '4',
      'topic.creation.default.replication.factor': '1',
    }
    const source = lab.worker([await lab.workerFile(), lab.sourceFile(partitions)])
    source.start()
    await lab.reached(() => lab.committed(), 1000, source)
    const files = [lab.path('out-1.txt'), lab.path('out-2.txt')] as const
    const member = async (number: 1 | 2) =>
      lab.worker([
        await lab.workerFile(
          {
            'offset.storage.file.filename': lab.path(`member-${number}.offsets`),
            'offset.flush.interval.ms': '200',
          },
          `member-${number}.properties`,
        ),
        lab.sinkFile({ file: files[number - 1]!, ...shortSession }, `sink-${number}.properties`),
      ])
    const [worker, second] = [await member(1), await member(2)]
    worker.start()
    await worker.whenReady()
    const load = new Load(lab, 10_000, 1000)
    const losses: Loss[] = []
    for (let round = 0; round < rounds; round++) {
      second.start()
      const theirs = () => (existsSync(files[1]) ? statSync(files[1]).size : 0)
      const before = theirs()
      await until(() => worker.checkAlive() && second.checkAlive() && theirs() > before, {
        what: `the second member to get records in round ${round}`,
        timeoutMs: 60_000,
      })
      await delay(lab.random() * 1000)
      if (round % 3 === 0) await second.stop('SIGTERM')
      else if (round % 3 === 1) {
        await second.stop('SIGKILL')
        losses.push(await lossOf(lab, files[1]))
      } else {
        second.signal('SIGSTOP')
        losses.push(await lossOf(lab, files[1]))
        await delay(3000)
        second.signal('SIGCONT')
        await delay(500)
        await second.stop('SIGTERM')
        losses.at(-1)!.linesAwake = linesOf(files[1]).length
      }
    }
    const count = load.end()
    await lab.untilAllSunk(count, worker, [...files])
    await worker.stop('SIGTERM')
    await source.stop('SIGTERM')
    // Four partitions in two files: order is for the topic to show.
    const verdict = { ...lab.readFiles(count, files).verdict(), reordered: 0 }
    const { uncommitted, late } = await explained(lab, files, losses)
    const problems = problemsOf(verdict, uncommitted + late)
    const stalls = Math.floor(rounds / 3)
    if (late > stalls * mostLate) problems.push(`${late} records came from a member that was thrown out`)
    const notes = `${uncommitted} were delivered and not committed when a member was lost, ${late} after it`
    return { ...verdict, rounds, recoveryMs: null, peakMb: worker.peakMb, problems, notes }
  },
}

/** The second member has lost its partitions without having been asked for a last commit. */
interface Loss {
  /** What was committed of each partition then. */
  readonly committed: ReadonlyMap<number, number>
  /** How many lines it had written. */
  readonly lines: number
  /** How many it had when it was stopped, where it woke up before. */
  linesAwake: number
}

async function lossOf(lab: Lab, file: string): Promise<Loss> {
  const lines = linesOf(file).length
  return { committed: await groupOffsets(lab, 'out'), lines, linesAwake: lines }
}

function linesOf(file: string): number[] {
  const lines = readFileSync(file, 'latin1').split('\n').slice(0, -1)
  return lines.map((line) => Number(line.slice(0, 10)))
}

/** How many records the other member had to deliver again, and how many came from one that slept too long. */
async function explained(lab: Lab, files: readonly [string, string], losses: readonly Loss[]) {
  const places = new Map<number, { partition: number; offset: number }>()
  await lab.readTopic('t', (text, partition, { offset }) => {
    places.set(Number(text.slice(0, 10)), { partition, offset })
  })
  const others = new Set(linesOf(files[0]))
  const lines = linesOf(files[1])
  let [uncommitted, late] = [0, 0]
  for (const loss of losses) {
    for (const n of lines.slice(0, loss.lines)) {
      const { partition, offset } = places.get(n)!
      if (offset >= (loss.committed.get(partition) ?? 0)) uncommitted++
    }
    late += lines.slice(loss.lines, loss.linesAwake).filter((n) => others.has(n)).length
  }
  return { uncommitted, late }
}
