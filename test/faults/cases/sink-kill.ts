import { statSync, truncateSync } from 'node:fs'
import { until } from '../../support/until.ts'
import { groupOffset } from '../kafka.ts'
import { type FaultCase, type Lab, problemsOf } from '../lab.ts'
import { recordBytes } from '../numbered-records.ts'

/** kill -9 of a worker with a file sink: what comes twice is what came since the group's last commit. */
export const sinkKill: FaultCase = {
  name: 'sink-kill',
  numbers: '2',
  about: 'kill -9 of the worker while a sink runs',
  async run(lab, { rounds: asked }) {
    const rounds = asked ?? 8
    const count = Math.max(200_000, rounds * 10_000)
    await lab.startBroker()
    lab.write(0, count)
    const workerFile = await lab.workerFile({ 'offset.flush.interval.ms': '100' })
    const filling = lab.worker([workerFile, lab.sourceFile()])
    filling.start()
    await lab.reached(() => lab.committed(), count, filling)
    await filling.stop('SIGTERM')

    const worker = lab.worker([workerFile, lab.sinkFile(shortSession)])
    let recoveryMs = 0
    let mayRepeat = 0
    let committed = 0
    for (let round = 1; round <= rounds; round++) {
      const [before, started] = [lab.sunk(), performance.now()]
      worker.start()
      await lab.reached(() => lab.sunk(), before + 1, worker)
      recoveryMs = Math.max(recoveryMs, performance.now() - started)
      const step = ((count - committed) / (rounds - round + 2)) * (0.5 + lab.random())
      await lab.reached(() => lab.sunk(), before + step, worker)
      await worker.stop('SIGKILL')
      committed = await groupOffset(lab, 'out')
      const delivered = lab.lastSunk()
      // A kill within a write, which it seldom hits by itself: half of the line is there.
      if (delivered >= committed && lab.random() < 0.5) cutLastLine(lab)
      mayRepeat += lab.lastSunk() + 1 - committed
    }
    worker.start()
    await until(async () => worker.checkAlive() && (await groupOffset(lab, 'out')) >= count, {
      what: `the end of the topic, at ${await groupOffset(lab, 'out')} of ${count}`,
      timeoutMs: 120_000,
      everyMs: 50,
    })
    await worker.stop('SIGTERM')
    const verdict = lab.judgeFile(count)
    const notes = `${mayRepeat} records were delivered and not committed when a kill came, ${verdict.torn} torn`
    return {
      ...verdict,
      rounds,
      recoveryMs,
      peakMb: worker.peakMb,
      problems: problemsOf(verdict, mayRepeat),
      notes,
    }
  },
}

function cutLastLine(lab: Lab): void {
  const file = lab.path('out.txt')
  truncateSync(file, statSync(file).size - 1 - Math.floor(lab.random() * (recordBytes - 2)))
}

/** A dead member holds its partition until its session ends; the brokers of the bench allow it to be short. */
export const shortSession = {
  'consumer.override.session.timeout.ms': '1000',
  'consumer.override.heartbeat.interval.ms': '200',
}
