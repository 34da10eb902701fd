import { existsSync, statSync } from 'node:fs'
import { until } from '../../support/until.ts'
import { type FaultCase, problemsOf } from '../lab.ts'
import { Load } from '../load.ts'
import { shortSession } from './sink-kill.ts'

/** A second worker's task of the same sink comes and goes, politely, killed, and stopped for longer than its session. */
export const rebalance: FaultCase = {
  name: 'rebalance',
  numbers: '9',
  about: "a second member of the sink's group joins, leaves, dies and stalls",
  async run(lab, { rounds: asked }) {
    const rounds = asked ?? 6
    await lab.startBroker()
    lab.write(0, 1000)
    const partitions = {
      'topic.creation.default.partitions': '4',
      'topic.creation.default.replication.factor': '1',
    }
    const source = lab.worker([await lab.workerFile(), lab.sourceFile(partitions)])
    source.start()
    await lab.reached(() => lab.committed(), 1000, source)
    const files = [lab.path('out-1.txt'), lab.path('out-2.txt')]
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
    for (let round = 0; round < rounds; round++) {
      second.start()
      const theirs = () => (existsSync(files[1]!) ? statSync(files[1]!).size : 0)
      const before = theirs()
      await until(() => worker.checkAlive() && second.checkAlive() && theirs() > before, {
        what: `the second member to get records in round ${round}`,
        timeoutMs: 60_000,
      })
      await new Promise((resolve) => setTimeout(resolve, lab.random() * 1000))
      if (round % 3 === 0) await second.stop('SIGTERM')
      else if (round % 3 === 1) await second.stop('SIGKILL')
      else {
        second.signal('SIGSTOP')
        await new Promise((resolve) => setTimeout(resolve, 3000))
        second.signal('SIGCONT')
        await new Promise((resolve) => setTimeout(resolve, 500))
        await second.stop('SIGTERM')
      }
    }
    const count = load.end()
    await lab.untilAllSunk(count, worker, files)
    await worker.stop('SIGTERM')
    await source.stop('SIGTERM')
    // Four partitions in two files: order is for the topic to show.
    const verdict = { ...lab.readFiles(count, files).verdict(), reordered: 0 }
    const perCrash = 10_000 * 4
    const problems = problemsOf(verdict, rounds * perCrash)
    const notes = 'both files together'
    return { ...verdict, rounds, recoveryMs: null, peakMb: worker.peakMb, problems, notes }
  },
}
