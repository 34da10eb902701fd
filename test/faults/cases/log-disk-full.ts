import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../../support/until.ts'
import { DiskControl } from '../faulty-disk.ts'
import { type FaultCase, type Lab, problemsOf, together } from '../lab.ts'
import { Load } from '../load.ts'

/** The disk of the log is full for a while, then from the start to the end (/dev/full): records do not mind. */
export const logDiskFull: FaultCase = {
  name: 'log-disk-full',
  numbers: '5',
  about: 'the disk of the log is full, for a while and from the start',
  async run(lab, { rounds: asked }) {
    const rounds = asked ?? 2
    await lab.startBroker()
    lab.write(0, 0)
    const disk = new DiskControl(lab, 'log')
    disk.set({ fullCalls: ['writeSync'] })
    // So that there is something to say every 100 ms.
    const args = [
      await lab.workerFile({ 'offset.flush.interval.ms': '100' }),
      lab.sourceFile(),
      lab.sinkFile(),
    ]
    const worker = lab.worker(args, disk.env)
    const load = new Load(lab, 5000)
    const problems: string[] = []
    const size = () => statSync(lab.path('worker.log')).size
    let recoveryMs = 0
    worker.start()
    await lab.reached(() => lab.sunk(), 1000, worker)
    for (let round = 0; round < rounds; round++) {
      disk.fill()
      const [before, sizeBefore] = [lab.sunk(), size()]
      await lab.reached(() => lab.sunk(), before + 3000, worker)
      // Records that have waited come at once: there has to be time for something to say.
      await delay(500)
      if (size() !== sizeBefore) problems.push('the log grew on a full disk')
      disk.free()
      const freed = performance.now()
      await until(() => worker.checkAlive() && linesLost(worker.logSinceStart) > round, {
        what: 'the log to go on',
        everyMs: 5,
      })
      recoveryMs = Math.max(recoveryMs, performance.now() - freed)
    }
    const code = await worker.stop('SIGTERM')
    if (code !== 143) problems.push(`the worker ended with ${code}`)
    problems.push(...(await withoutAnyLog(lab, args)))
    const count = load.end()
    worker.start()
    await lab.reached(() => lab.committed(), count, worker)
    await lab.untilAllSunk(count, worker)
    await worker.stop('SIGTERM')
    const topic = await lab.judgeTopic('t', count)
    const file = lab.judgeFile(count)
    problems.push(
      ...problemsOf(topic, 0).map((problem) => `topic: ${problem}`),
      ...problemsOf(file, 0).map((problem) => `file: ${problem}`),
      ...(recoveryMs > 5000
        ? [`the log went on only ${Math.round(recoveryMs)} ms after there was room`]
        : []),
    )
    return { ...together(topic, file), rounds, recoveryMs, peakMb: worker.peakMb, problems }
  },
}

/** How often the log has said that lines of it are lost. */
function linesLost(log: string): number {
  return log.match(/WARN (\d+ lines|A line) of the log could not be written/g)?.length ?? 0
}

/** stdout and stderr are on a full disk from the start: the worker runs, and refuses to run, as ever. */
async function withoutAnyLog(lab: Lab, args: readonly string[]): Promise<string[]> {
  const launcher = join(process.cwd(), 'bin/tsconnect-standalone.js')
  const mute = ['sh', '-c', 'exec "$0" "$@" >/dev/full 2>&1', process.execPath, launcher] as const
  const worker = lab.worker(args, {}, mute)
  const before = lab.sunk()
  worker.start()
  await lab.reached(() => lab.sunk(), before + 3000, worker)
  const code = await worker.stop('SIGTERM')

  const refusing = lab.worker([lab.path('no-such.properties')], {}, mute)
  refusing.start()
  await until(() => !refusing.isRunning, { what: 'the worker to refuse a file that is not there' })
  const refusal = await refusing.stop('SIGTERM')
  return [
    ...(code === 143 ? [] : [`without a log the worker ended with ${code} instead of 143`]),
    ...(refusal === 2 ? [] : [`without a log it refused to start with ${refusal} instead of 2`]),
  ]
}
