import { existsSync, readFileSync } from 'node:fs'
import { groupOffset } from '../kafka.ts'
import { type FaultCase, type Lab, problemsOf } from '../lab.ts'
import { recordText } from '../numbered-records.ts'
import { Rest } from '../rest.ts'
import type { FaultyWorker } from '../worker.ts'
import { shortSession } from './sink-kill.ts'

/** A batch of 500 then takes longer than the session of the group. */
const slowRate = 400
const capMb = 200

/** A sink far behind its source, and one whose put() never returns. `rounds` are batches of the slow one. */
export const slowSink: FaultCase = {
  name: 'slow-sink',
  numbers: '10',
  about: 'a sink has 1/100 of the speed of its source, or never comes back',
  async run(lab, { rounds: asked }) {
    const rounds = asked ?? 2
    // From 20 rounds on, what is behind is more than the worker may take: it cannot all be read ahead.
    const count = Math.max(200_000, rounds * 100_000)
    await lab.startBroker()
    lab.write(0, count)
    const problems: string[] = []
    const { worker, ratio } = await crawl(lab, rounds, count, problems)
    const stuck = await hang(lab, count, problems)
    const verdict = lab.judgeFile(count)
    problems.push(...problemsOf(verdict, 0))
    const peakMb = Math.max(worker.peakMb, stuck.worker.peakMb)
    if (peakMb > capMb) problems.push(`the worker took ${Math.round(peakMb)} MB, ${capMb} may be`)
    const notes = `source ${Math.round(ratio)} times as fast; with a stuck put() the process ended in ${Math.round(stuck.endMs)} ms`
    return { ...verdict, rounds, recoveryMs: stuck.recoveryMs, peakMb, problems, notes }
  },
}

async function crawl(lab: Lab, rounds: number, count: number, problems: string[]) {
  const sink = { 'connector.class': 'SlowSink', ...shortSession }
  const settings = { 'offset.flush.interval.ms': '200', 'task.shutdown.graceful.timeout.ms': '5000' }
  const slow = lab.sinkFile({ ...sink, 'records.per.second': String(slowRate) })
  const worker = lab.pluginWorker([await lab.workerFile(settings), lab.sourceFile(), slow])
  worker.start()
  await lab.reached(() => lab.committed(), 1, worker)
  const begun = performance.now()
  await lab.reached(() => lab.committed(), count, worker)
  const ratio = (count / ((performance.now() - begun) / 1000) / slowRate) | 0
  if (ratio < 100) problems.push(`the source was only ${ratio} times as fast as the sink`)
  await lab.reached(() => lab.sunk(), (lab.sunk() || 500) + rounds * 500, worker)
  const code = await worker.stop('SIGTERM')
  if (code !== 143) problems.push(`the orderly stop of the slow sink gave exit code ${code}`)
  const joins = worker.log.match(/Joined group connect-out.* \[t-0\]/g)?.length ?? 0
  if (joins !== 1 || worker.log.includes('joined again')) {
    problems.push(`the sink joined its group ${joins} times: its heartbeats did not keep it in`)
  }
  const [sunk, committed] = [lab.sunk(), await groupOffset(lab, 'out')]
  if (sunk !== committed) problems.push(`${sunk} records were written, ${committed} committed at the stop`)
  if (sunk >= count) problems.push('the slow sink was not behind')
  return { worker, ratio }
}

/** The sink hangs, others go on; then it comes back without its fault and gets everything. */
async function hang(lab: Lab, count: number, problems: string[]) {
  const taken = `${lab.path('out.txt')}.taken`
  const other = { 'name': 'other', 'connector.class': 'FileStreamSink', 'file': lab.path('other.txt') }
  const files = async (hangs: boolean) => [
    await lab.workerFile({ 'task.shutdown.graceful.timeout.ms': '1000', 'offset.flush.interval.ms': '200' }),
    lab.sinkFile({ 'connector.class': 'SlowSink', 'hangs': String(hangs), ...shortSession }),
    lab.sinkFile({ ...other, ...shortSession }, 'other.properties'),
  ]
  const stuck = lab.pluginWorker(await files(true))
  stuck.start()
  await lab.reached(() => (existsSync(taken) ? 1 : 0), 1, stuck)
  const before = await groupOffset(lab, 'out')
  await lab.untilAllSunk(count, stuck, [other.file])
  if ((await new Rest(stuck).task('out'))?.state !== 'RUNNING') problems.push('the stuck sink is not RUNNING')
  const asked = performance.now()
  const code = await stuck.stop('SIGTERM')
  const endMs = performance.now() - asked
  if (code !== 143) problems.push(`the stop with a stuck sink gave exit code ${code}`)
  if (endMs > 2500) problems.push(`the stop took ${Math.round(endMs)} ms with a grace of 1000`)
  if (!stuck.logSinceStart.includes('Graceful stop of task out-0 failed.')) {
    problems.push('the log does not say which task was left behind')
  }
  if ((await groupOffset(lab, 'out')) !== before) problems.push('what the stuck sink got was committed')
  const first = readFileSync(taken, 'utf8').split('\n')[0]
  if (first !== recordText(before)) problems.push('the stuck sink did not get what was next')
  const missed = lab.readFiles(count, [other.file]).verdict()
  problems.push(...problemsOf(missed, 0).map((problem) => `beside the stuck sink: ${problem}`))
  const started = performance.now()
  const healed: FaultyWorker = lab.pluginWorker(await files(false))
  healed.start()
  await lab.reached(() => lab.sunk(), before + 1, healed)
  const recoveryMs = performance.now() - started
  await lab.untilAllSunk(count, healed)
  await healed.stop('SIGTERM')
  return { worker: stuck, endMs, recoveryMs }
}
