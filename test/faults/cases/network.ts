import { until } from '../../support/until.ts'
import { groupOffset } from '../kafka.ts'
import { type FaultCase, problemsOf, stepProblems, together } from '../lab.ts'
import { Load } from '../load.ts'

/** Between worker and broker connections are cut, and answers stop while the connection seems to live. */
export const network: FaultCase = {
  name: 'network',
  numbers: '26',
  about: 'connections are cut, and half-open ones swallow the answers',
  async run(lab, { rounds: asked }) {
    const rounds = asked ?? 4
    await lab.startBroker()
    const proxy = await lab.startProxy()
    lab.write(0, 0)
    const load = new Load(lab, 10_000)
    const timeouts = {
      'request.timeout.ms': '2000',
      'session.timeout.ms': '3000',
      'heartbeat.interval.ms': '500',
    }
    const overrides = (client: string, names: readonly (keyof typeof timeouts)[]) =>
      Object.fromEntries(names.map((name) => [`${client}.override.${name}`, timeouts[name]]))
    const worker = lab.worker([
      await lab.workerFile({ 'bootstrap.servers': proxy.address, 'offset.flush.interval.ms': '200' }),
      lab.sourceFile(overrides('producer', ['request.timeout.ms'])),
      lab.sinkFile(
        overrides('consumer', ['request.timeout.ms', 'session.timeout.ms', 'heartbeat.interval.ms']),
      ),
    ])
    worker.start()
    await lab.reached(() => lab.sunk(), 5000, worker)
    const committed: number[] = []
    let recoveryMs = 0
    for (let round = 0; round < rounds; round++) {
      if (round % 2 === 0) proxy.cut()
      else {
        proxy.mute(true)
        await new Promise((resolve) => setTimeout(resolve, 3000 + lab.random() * 2000))
        // The group may have lost the sink. A cut alone is mended long before its session ends.
        committed.push(await groupOffset(lab, 'out'))
        proxy.mute(false)
      }
      const healed = performance.now()
      const [sent, sunk, known] = [lab.committed(), lab.sunk(), await groupOffset(lab, 'out')]
      await until(() => worker.checkAlive() && lab.committed() > sent + 500 && lab.sunk() > sunk + 500, {
        what: `records after round ${round}: ${lab.committed()} sent, ${lab.sunk()} written`,
        timeoutMs: 60_000,
      })
      // A sink that was thrown out of its group may write for a moment: it is back when it commits.
      await until(async () => worker.checkAlive() && (await groupOffset(lab, 'out')) > known + 500, {
        what: `the sink to commit after round ${round}`,
        timeoutMs: 60_000,
      })
      recoveryMs = Math.max(recoveryMs, performance.now() - healed)
    }
    const count = load.end()
    await lab.reached(() => lab.committed(), count, worker)
    await lab.untilAllSunk(count, worker)
    await worker.stop('SIGTERM')
    const topic = await lab.judgeTopic('t', count)
    const file = lab.judgeFile(count)
    const steps = lab.stepsBack()
    const problems = [
      // Idempotence, the default: nothing comes twice into the topic.
      ...problemsOf(topic, 0).map((problem) => `topic: ${problem}`),
      ...problemsOf({ ...file, duplicated: 0 }, 0).map((problem) => `file: ${problem}`),
      ...stepProblems(steps, committed),
      ...(recoveryMs > 30_000 ? [`records flowed only after ${Math.round(recoveryMs)} ms`] : []),
    ]
    const notes = `topic twice ${topic.duplicated}, file twice ${file.duplicated}, since ${steps.length} commits`
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
