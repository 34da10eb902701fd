import { groupOffset } from '../kafka.ts'
import { type FaultCase, problemsOf, stepProblems, together } from '../lab.ts'
import { shortSession } from './sink-kill.ts'

/** Orderly stops under load lose and repeat nothing; a second signal leaves at once; SIGSTOP is only a pause. */
export const signals: FaultCase = {
  name: 'signals',
  numbers: '17',
  about: 'SIGTERM, SIGINT and SIGHUP under load, once and twice; SIGSTOP and SIGCONT',
  async run(lab, { rounds: asked }) {
    const rounds = asked ?? 3
    const count = rounds * 50_000
    await lab.startBroker()
    lab.write(0, count)
    const worker = lab.worker([await lab.workerFile(), lab.sourceFile(), lab.sinkFile(shortSession)])
    const problems: string[] = []
    let slowestMs = 0
    const kinds = [
      ['SIGTERM', 143],
      ['SIGINT', 130],
      ['SIGHUP', 129],
    ] as const
    for (let round = 0; round < rounds; round++) {
      worker.start()
      await lab.reached(() => lab.sunk(), ((round + lab.random()) / (rounds + 1)) * count, worker)
      const [signal, expected] = kinds[round % kinds.length]!
      const asked = performance.now()
      const code = await worker.stop(signal)
      slowestMs = Math.max(slowestMs, performance.now() - asked)
      if (code !== expected) problems.push(`${signal} gave exit code ${code} instead of ${expected}`)
    }
    worker.start()
    await lab.reached(() => lab.sunk(), lab.sunk() + 5000, worker)
    worker.signal('SIGSTOP')
    // Longer than the session: the group has thrown the sink out when it wakes up.
    await new Promise((resolve) => setTimeout(resolve, 3000))
    const committed = await groupOffset(lab, 'out')
    worker.signal('SIGCONT')
    const woken = performance.now()
    await lab.reached(() => lab.committed(), count, worker)
    await lab.untilAllSunk(count, worker)
    const recoveryMs = performance.now() - woken
    worker.signal('SIGTERM')
    worker.signal('SIGTERM')
    const twice = await worker.stop('SIGTERM')
    if (twice !== 143) problems.push(`SIGTERM twice gave exit code ${twice}`)
    if (slowestMs > 5000) problems.push(`an orderly stop took ${Math.round(slowestMs)} ms`)
    const topic = await lab.judgeTopic('t', count)
    const file = lab.judgeFile(count)
    problems.push(...problemsOf(topic, 0).map((problem) => `topic: ${problem}`))
    const steps = lab.stepsBack()
    // Thrown out of its group, it begins again where it had committed; the orderly stops repeat nothing.
    problems.push(...stepProblems(steps, [committed]))
    problems.push(...problemsOf({ ...file, duplicated: 0 }, 0).map((problem) => `file: ${problem}`))
    const notes = `the slowest of ${rounds} stops took ${Math.round(slowestMs)} ms; file twice ${file.duplicated}, since ${steps.length} commits`
    return { ...together(topic, file), rounds, recoveryMs, peakMb: worker.peakMb, problems, notes }
  },
}
