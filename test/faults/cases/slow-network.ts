import { type FaultCase, problemsOf, together } from '../lab.ts'
import { Load } from '../load.ts'

/** 200 ms in each direction, and stalls of up to two seconds: lost packets that TCP sends again. */
export const slowNetwork: FaultCase = {
  name: 'slow-network',
  numbers: '26',
  about: 'every packet takes 200 ms, and connections stall and break',
  async run(lab, { rounds: asked }) {
    const rounds = asked ?? 4
    await lab.startBroker()
    const proxy = await lab.startProxy()
    proxy.latencyMs = 200
    lab.write(0, 0)
    const load = new Load(lab, 10_000)
    const worker = lab.worker([
      await lab.workerFile({ 'bootstrap.servers': proxy.address }),
      lab.sourceFile(),
      lab.sinkFile(),
    ])
    worker.start()
    await lab.reached(() => lab.sunk(), 5000, worker)
    let recoveryMs = 0
    for (let round = 0; round < rounds; round++) {
      const stallMs = 200 + lab.random() * 1800
      if (round % 4 === 3) proxy.cut()
      else proxy.stall(stallMs)
      const begun = performance.now()
      const before = lab.sunk()
      await lab.reached(() => lab.sunk(), before + 2000, worker)
      recoveryMs = Math.max(recoveryMs, performance.now() - begun - (round % 4 === 3 ? 0 : stallMs))
    }
    const count = load.end()
    await lab.reached(() => lab.committed(), count, worker)
    await lab.untilAllSunk(count, worker)
    await worker.stop('SIGTERM')
    const topic = await lab.judgeTopic('t', count)
    const file = lab.judgeFile(count)
    const problems = [
      ...problemsOf(topic, 0).map((problem) => `topic: ${problem}`),
      // A connection that breaks under a commit: what was delivered since the last one may come again.
      ...problemsOf({ ...file, reordered: 0 }, count).map((problem) => `file: ${problem}`),
      ...(recoveryMs > 10_000 ? [`records flowed only after ${Math.round(recoveryMs)} ms`] : []),
    ]
    const notes = `topic twice ${topic.duplicated}, file twice ${file.duplicated}`
    return {
      ...together(topic, file),
      rounds,
      recoveryMs,
      peakMb: worker.peakMb,
      problems,
      notes,
    }
  },
}
