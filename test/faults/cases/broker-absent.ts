import { type FaultCase, problemsOf } from '../lab.ts'

/** No broker when the worker starts: it waits, quietly, as long as it takes. `rounds` are seconds. */
export const brokerAbsent: FaultCase = {
  name: 'broker-absent',
  numbers: '7',
  about: 'the worker waits for a broker that is not there yet',
  async run(lab, { rounds: asked }) {
    const seconds = asked ?? 10
    const count = 10_000
    await lab.startBroker()
    await lab.broker.stop('SIGTERM')
    lab.write(0, count)
    const worker = lab.worker([await lab.workerFile({ 'startup.broker.timeout.ms': '-1' }), lab.sourceFile()])
    worker.start()
    await new Promise((resolve) => setTimeout(resolve, 2000))
    worker.checkAlive()
    const [cpu, memory] = [worker.cpuSeconds(), worker.residentMb()]
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
    worker.checkAlive()
    const cpuPercent = ((worker.cpuSeconds() - cpu) / seconds) * 100
    const growthMb = worker.residentMb() - memory
    await lab.broker.start()
    const ready = performance.now()
    await lab.reached(() => lab.committed(), count, worker)
    const recoveryMs = performance.now() - ready
    const hasSaid = worker.log.includes('No broker answers')
    await worker.stop('SIGTERM')
    const verdict = await lab.judgeTopic('t', count)
    const problems = [
      ...problemsOf(verdict, 0),
      ...(cpuPercent > 2 ? [`waiting took ${cpuPercent.toFixed(1)} % CPU`] : []),
      ...(growthMb > 5 ? [`memory grew by ${growthMb.toFixed(1)} MB`] : []),
      ...(hasSaid ? [] : ['the log does not say what it waits for']),
    ]
    const notes = `${seconds} s without a broker: ${cpuPercent.toFixed(1)} % CPU, memory ${growthMb >= 0 ? '+' : ''}${growthMb.toFixed(1)} MB`
    return { ...verdict, rounds: 1, recoveryMs, peakMb: worker.peakMb, problems, notes }
  },
}
