import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { until } from '../../support/until.ts'
import { type FaultCase, problemsOf } from '../lab.ts'

/** The sink's disk is full (/dev/full answers every write with ENOSPC) and has room again: nobody has to do anything. */
export const sinkDiskFull: FaultCase = {
  name: 'sink-disk-full',
  numbers: '5',
  about: "the disk of the sink's file is full for a while",
  async run(lab, { rounds: asked }) {
    const rounds = asked ?? 2
    const count = rounds * 20_000
    await lab.startBroker()
    const workerFile = await lab.workerFile({ 'offset.flush.interval.ms': '200' })
    writeFileSync(lab.path('in.txt'), '')
    symlinkSync('/dev/full', lab.path('out.txt'))
    const worker = lab.worker([workerFile, lab.sourceFile(), lab.sinkFile()])
    worker.start()
    await worker.whenReady()
    const rest = /REST API listens on (\S+)/.exec(worker.log)![1]!
    const state = async () => {
      const answer = await fetch(`${rest}/connectors/out/status`)
      const body = (await answer.json()) as { tasks: { state: string; trace?: string }[] }
      return body.tasks[0]
    }
    let noticeMs = 0
    const begun = performance.now()
    lab.write(0, count)
    await until(async () => worker.checkAlive() && (await state())?.state === 'FAILED')
    noticeMs = performance.now() - begun
    const { trace } = (await until(async () => {
      const found = await state()
      return found?.state === 'FAILED' && found
    }))!
    rmSync(lab.path('out.txt'))
    const freed = performance.now()
    await lab.reached(() => lab.sunk(), 1, worker)
    const recoveryMs = performance.now() - freed
    await lab.reached(() => lab.sunk(), count, worker)
    await worker.stop('SIGTERM')
    const verdict = lab.judgeFile(count)
    const problems = [
      ...problemsOf(verdict, 0),
      ...(recoveryMs > 5000 ? [`it went on only ${Math.round(recoveryMs)} ms after there was room`] : []),
      ...(trace?.includes('ENOSPC') ? [] : [`the trace does not name the reason: ${trace}`]),
    ]
    const notes = `FAILED ${Math.round(noticeMs)} ms after the first record`
    return { ...verdict, rounds: 1, recoveryMs, peakMb: worker.peakMb, problems, notes }
  },
}
