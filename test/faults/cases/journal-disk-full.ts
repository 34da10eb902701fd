import { until } from '../../support/until.ts'
import { DiskControl } from '../faulty-disk.ts'
import { type FaultCase, problemsOf } from '../lab.ts'
import { Load } from '../load.ts'
import { TopicAdmin } from '../topic-admin.ts'
import type { FaultyWorker } from '../worker.ts'

/** Writes fail, or, where the file system gives room late, the sync behind them; new files cannot be made either way. */
const waysToBeFull = [
  ['openSync', 'writeSync'],
  ['openSync', 'fdatasync'],
]

/** Acknowledged in the moment between the look at the topic and the kill. */
const mostUnderWay = 2000

/** The disk under the offset file is full for a while; in every other round the worker dies and starts meanwhile. */
export const journalDiskFull: FaultCase = {
  name: 'journal-disk-full',
  numbers: '5',
  about: 'the disk of the offset file is full for a while',
  async run(lab, { rounds: asked }) {
    const rounds = asked ?? 4
    await lab.startBroker()
    const topic = await TopicAdmin.open(lab)
    lab.write(0, 0)
    const disk = new DiskControl(lab, lab.path('connect.offsets'))
    const worker = lab.worker([await lab.workerFile(), lab.sourceFile()], disk.env)
    const problems = await startWithoutRoom(worker, disk)
    await topic.create('t', 1)
    const load = new Load(lab, 5000)
    const grown = async (from: number, by: number) =>
      until(async () => worker.checkAlive() && (await topic.length('t')) >= from + by, {
        what: `${by} records more than ${from} in the topic`,
        timeoutMs: 30_000,
      })
    let [mayRepeat, recoveryMs, noticeMs] = [0, 0, 0]
    for (let round = 0; round < rounds; round++) {
      disk.set({ fullCalls: waysToBeFull[(round >> 1) % 2]! })
      worker.start()
      await grown(await topic.length('t'), 1000)
      disk.fill()
      const filled = performance.now()
      await said(worker, 'Offsets could not be saved')
      noticeMs = Math.max(noticeMs, performance.now() - filled)
      await grown(await topic.length('t'), 1000)
      if (round % 2 === 1) {
        await worker.stop('SIGKILL')
        mayRepeat += (await topic.length('t')) - lab.committed() + mostUnderWay
        worker.start()
        await said(worker, 'Offsets could not be saved')
      }
      disk.free()
      const freed = performance.now()
      await said(worker, 'can be written again; all offsets are saved')
      recoveryMs = Math.max(recoveryMs, performance.now() - freed)
      await worker.stop('SIGTERM')
    }
    worker.start()
    const count = load.end()
    await lab.reached(() => lab.committed(), count, worker)
    await worker.stop('SIGTERM')
    const verdict = await lab.judgeTopic('t', count)
    problems.push(
      ...problemsOf(verdict, mayRepeat),
      ...(noticeMs > 1000 ? [`it said only after ${Math.round(noticeMs)} ms that the disk is full`] : []),
      ...(recoveryMs > 5000
        ? [`offsets were saved only ${Math.round(recoveryMs)} ms after there was room`]
        : []),
    )
    const notes = `said ${Math.round(noticeMs)} ms after the disk was full; records went on`
    return { ...verdict, rounds, recoveryMs, peakMb: worker.peakMb, problems, notes }
  },
}

/** Without any offset file the worker does not start, and says why. */
async function startWithoutRoom(worker: FaultyWorker, disk: DiskControl): Promise<string[]> {
  disk.set({ fullCalls: waysToBeFull[0]! })
  disk.fill()
  worker.start()
  await until(() => !worker.isRunning, { what: 'the worker to refuse to start without room' })
  const code = await worker.stop('SIGTERM')
  disk.free()
  const isSaid = /The offset file .* cannot be used: no space is left on the device/.test(worker.log)
  return code === 2 && isSaid ? [] : [`without room for a file it ended with ${code}:\n${worker.log}`]
}

async function said(worker: FaultyWorker, text: string): Promise<void> {
  await until(() => worker.checkAlive() && worker.logSinceStart.includes(text), {
    what: `the log to say: ${text}`,
    everyMs: 5,
    timeoutMs: 30_000,
  })
}
