import { type CaseOptions, type CaseResult, type FaultCase, type Lab, problemsOf } from '../lab.ts'

/** Two produce batches of 512 KiB: what may be on its way when the worker dies. */
const mostRepeatedPerKill = 2 * 5300

/** kill -9 of a worker with a file source, at points that the seed chooses, under the default flush interval. */
export const sourceKill: FaultCase = {
  name: 'source-kill',
  numbers: '1',
  about: 'kill -9 of the worker while a source runs',
  run: (lab, options) => killAndJudge(lab, options, {}),
}

/** The same in transactions: those who read committed records see every one once. */
export const sourceKillExactlyOnce: FaultCase = {
  name: 'source-kill-exactly-once',
  numbers: '1',
  about: 'kill -9 of the worker while a source runs in transactions',
  run: (lab, options) => killAndJudge(lab, options, { 'exactly.once.source.support': 'enabled' }),
}

async function killAndJudge(
  lab: Lab,
  { rounds: asked }: CaseOptions,
  settings: Record<string, string>,
): Promise<CaseResult> {
  const isExact = Object.keys(settings).length > 0
  const rounds = asked ?? 8
  const count = Math.max(200_000, rounds * 10_000)
  await lab.startBroker()
  lab.write(0, count)
  const worker = lab.worker([await lab.workerFile(settings), lab.sourceFile()])
  let recoveryMs = 0
  worker.start()
  for (let round = 1; round <= rounds; round++) {
    const goal = ((round - lab.random()) / (rounds + 1)) * count
    const started = performance.now()
    const before = lab.committed()
    await lab.reached(() => lab.committed(), Math.min(count, before + 1), worker)
    recoveryMs = Math.max(recoveryMs, performance.now() - started)
    await lab.reached(() => lab.committed(), goal, worker)
    await worker.stop('SIGKILL')
    worker.start()
  }
  await lab.reached(() => lab.committed(), count, worker)
  await worker.stop('SIGTERM')
  const reading: Record<string, string> = isExact ? { 'isolation.level': 'read_committed' } : {}
  const verdict = await lab.judgeTopic('t', count, reading)
  const problems = problemsOf(verdict, isExact ? 0 : rounds * mostRepeatedPerKill)
  return { ...verdict, rounds, recoveryMs, peakMb: worker.peakMb, problems }
}
