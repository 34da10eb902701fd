import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../../support/until.ts'
import { groupOffset } from '../kafka.ts'
import { type FaultCase, type Lab, problemsOf } from '../lab.ts'
import { Oracle, recordText } from '../numbered-records.ts'
import { Receiver } from '../receiver.ts'
import { Rest } from '../rest.ts'
import type { FaultyWorker } from '../worker.ts'

const perRound = 2000
const restartMs = 200
const statuses = [400, 401, 403, 503]

/** The system behind a sink refuses records for a time; then it refuses some for good, and these are dead letters. */
export const refusingSink: FaultCase = {
  name: 'refusing-sink',
  numbers: '11',
  about: 'the system behind a sink answers 400, 401, 403, 503',
  async run(lab, { rounds: asked }) {
    const rounds = asked ?? statuses.length
    const count = rounds * perRound
    await lab.startBroker()
    const receiver = await Receiver.open()
    lab.onClose(() => receiver.close())
    lab.write(0, 0)
    const sink = { 'connector.class': 'PostingSink', 'url': receiver.url }
    const restarts = { 'errors.restart.backoff.max.ms': String(restartMs) }
    const workerFile = await lab.workerFile({ 'offset.flush.interval.ms': '100' })
    const worker = lab.pluginWorker([workerFile, lab.sourceFile(), lab.sinkFile({ ...sink, ...restarts })])
    worker.start()
    await worker.whenReady()
    const problems: string[] = []
    let recoveryMs = 0
    for (let round = 0; round < rounds; round++) {
      const status = statuses[round % statuses.length]!
      const from = round * perRound + Math.floor(lab.random() * perRound)
      receiver.refuseFrom(from, status)
      lab.write(round * perRound, (round + 1) * perRound)
      const refused = await refusal(lab, { worker, receiver, from, status })
      problems.push(...refused.map((problem) => `${status}: ${problem}`))
      const healed = performance.now()
      const before = receiver.taken.length
      if (status < 500) await new Rest(worker).restartTask('out')
      await lab.reached(() => receiver.taken.length, before + 1, worker)
      recoveryMs = Math.max(recoveryMs, performance.now() - healed)
      await lab.reached(() => receiver.taken.length, (round + 1) * perRound, worker)
    }
    await worker.stop('SIGTERM')
    const oracle = new Oracle(count)
    for (const text of receiver.taken) oracle.take(text)
    const verdict = oracle.verdict()
    problems.push(...problemsOf(verdict, 0))
    if (recoveryMs > 5000) problems.push(`it went on only after ${Math.round(recoveryMs)} ms`)
    const dead = await deadLetters(lab, { workerFile, receiver, sink, count })
    problems.push(...dead.problems)
    const peakMb = Math.max(worker.peakMb, dead.peakMb)
    const notes = `${dead.letters} dead letters`
    return { ...verdict, rounds, recoveryMs, peakMb, problems, notes }
  },
}

interface Refusal {
  readonly worker: FaultyWorker
  readonly receiver: Receiver
  readonly from: number
  readonly status: number
}

/** Watches the sink while it is refused, and ends that. What cannot pass by itself must still be FAILED then. */
async function refusal(lab: Lab, { worker, receiver, from, status }: Refusal): Promise<string[]> {
  const rest = new Rest(worker)
  const problems: string[] = []
  const restarts = await rest.restarts('out')
  const { trace } = await rest.untilTask('out', 'FAILED')
  if (trace?.includes(`with ${status}.`) !== true)
    problems.push(`the trace does not name the answer: ${trace}`)
  if (status >= 500)
    await until(async () => worker.checkAlive() && (await rest.restarts('out')) > restarts + 1)
  const committed = await groupOffset(lab, 'out')
  if (committed > from) problems.push(`offset ${committed} is committed, and record ${from} was refused`)
  if (committed !== receiver.taken.length) {
    problems.push(`offset ${committed} is committed, and ${receiver.taken.length} records were taken`)
  }
  const refusals = receiver.refusals
  receiver.takeAll()
  if (status >= 500) return problems
  // A restart by itself would come within this time.
  await delay(restartMs * 3)
  const { state } = (await rest.task('out'))!
  if (state !== 'FAILED' || receiver.refusals !== refusals) problems.push(`it is ${state} by itself`)
  return problems
}

/** A second sink on the same topic: what is refused with 400 for good becomes dead letters, the rest passes in order. */
async function deadLetters(
  lab: Lab,
  given: { workerFile: string; receiver: Receiver; sink: Record<string, string>; count: number },
) {
  const { receiver, count } = given
  const refused = new Set(
    Array.from({ length: count }, (_, n) => n)
      .filter(() => lab.random() < 0.01)
      .map(recordText),
  )
  receiver.taken.length = 0
  receiver.answer = (texts) => (texts.some((text) => refused.has(text)) ? 400 : 200)
  const settings = {
    ...given.sink,
    'name': 'lenient',
    'errors.tolerance': 'all',
    'errors.deadletterqueue.topic.name': 'refused',
    'errors.deadletterqueue.topic.replication.factor': '1',
  }
  const worker = lab.pluginWorker([given.workerFile, lab.sinkFile(settings)])
  worker.start()
  await until(async () => worker.checkAlive() && (await groupOffset(lab, 'lenient')) >= count, {
    what: `the end of the topic; the worker says\n${worker.log.slice(-1500)}`,
    timeoutMs: 60_000,
  })
  await worker.stop('SIGTERM')
  const dead: string[] = []
  await lab.readTopic('refused', (text) => dead.push(text))
  const oracle = new Oracle(count)
  // Each in its order: the dead letters are a stream of their own.
  for (const text of receiver.taken) oracle.take(text, 0)
  for (const text of dead) oracle.take(text, 1)
  const problems = problemsOf(oracle.verdict(), 0)
  if (dead.length !== refused.size || !dead.every((text) => refused.has(text))) {
    problems.push(`${dead.length} dead letters for ${refused.size} refused records`)
  }
  const named = problems.map((problem) => `with dead letters: ${problem}`)
  return { letters: dead.length, problems: named, peakMb: worker.peakMb }
}
