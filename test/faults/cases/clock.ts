import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../../support/until.ts'
import { WallClock } from '../clock.ts'
import { groupOffset } from '../kafka.ts'
import { type FaultCase, type Lab, problemsOf, together } from '../lab.ts'
import { Load } from '../load.ts'

const hourMs = 3_600_000
/** The last second before the clocks of Berlin change, in spring and in autumn. */
const changes = [Date.UTC(2026, 2, 29, 0, 59, 59), Date.UTC(2026, 9, 25, 0, 59, 59)]
const mostStallMs = 1000

/** The wall clock of the worker, and of the embedded broker, jumps while records flow. */
export const clock: FaultCase = {
  name: 'clock',
  numbers: '16',
  about: 'the wall clock jumps by an hour, and daylight saving time begins and ends',
  async run(lab, { rounds: asked }) {
    const wall = new WallClock(lab)
    const jumps: (() => void)[] = [
      () => wall.shift(hourMs),
      () => wall.shift(0),
      () => wall.shift(-hourMs),
      () => wall.shift(0),
      ...changes.map((change) => () => wall.set(change)),
      () => wall.shift(0),
    ]
    const rounds = asked ?? jumps.length
    // On Apache Kafka only the worker has this clock: Java does not know it.
    await lab.startBroker({ ...wall.env, TZ: 'Europe/Berlin' })
    lab.write(0, 0)
    const load = new Load(lab, 10_000)
    const worker = lab.worker(
      [
        await lab.workerFile({ 'offset.flush.interval.ms': '200' }),
        lab.sourceFile(source),
        lab.sinkFile(sink),
      ],
      { ...wall.env, TZ: 'Europe/Berlin' },
    )
    worker.start()
    await lab.reached(() => lab.sunk(), 5000, worker)
    const stalls = new StallWatch(lab)
    const problems: string[] = []
    let recoveryMs = 0
    for (let round = 0; round < rounds; round++) {
      jumps[round % jumps.length]!()
      const jumped = performance.now()
      const [sunk, sent] = [lab.sunk(), lab.committed()]
      const committed = await groupOffset(lab, 'out')
      await lab.reached(() => Math.min(lab.sunk() - sunk, lab.committed() - sent), 1, worker)
      await until(async () => worker.checkAlive() && (await groupOffset(lab, 'out')) > committed)
      recoveryMs = Math.max(recoveryMs, performance.now() - jumped)
      // Long enough for what waits for seconds, and for the change of the clocks to pass.
      await delay(1000)
    }
    const stallMs = stalls.end()
    const count = load.end()
    await lab.reached(() => lab.committed(), count, worker)
    await lab.untilAllSunk(count, worker)
    await worker.stop('SIGTERM')
    if (stallMs > mostStallMs) problems.push(`nothing came for ${Math.round(stallMs)} ms`)
    if (recoveryMs > 2 * mostStallMs)
      problems.push(`offsets were committed only ${Math.round(recoveryMs)} ms after a jump`)
    const log = worker.log
    const joins = log.match(/Joined group connect-out.* \[t-0\]/g)?.length ?? 0
    if (joins !== 1) problems.push(`the sink joined its group ${joins} times`)
    const complaints = log.split('\n').filter((line) => / (WARN|ERROR) /.test(line.slice(0, 40)))
    if (complaints.length > 0) problems.push(`the worker says: ${complaints.slice(0, 3).join(' ')}`)
    const topic = await lab.judgeTopic('t', count)
    const file = lab.judgeFile(count)
    problems.push(...problemsOf(topic, 0).map((problem) => `topic: ${problem}`))
    problems.push(...problemsOf(file, 0).map((problem) => `file: ${problem}`))
    const notes = `the longest stall ${Math.round(stallMs)} ms`
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

/** Short enough to run out when a jump counts as time. */
const sink = {
  'consumer.override.session.timeout.ms': '6000',
  'consumer.override.heartbeat.interval.ms': '500',
  'consumer.override.request.timeout.ms': '5000',
}
const source = {
  'producer.override.request.timeout.ms': '5000',
  'topic.creation.default.partitions': '1',
  'topic.creation.default.replication.factor': '1',
  // The records bear times of months ago: that is no reason to delete them.
  'topic.creation.default.retention.ms': '-1',
}

/** The longest time without a new line in the sink's file. */
class StallWatch {
  readonly #timer: NodeJS.Timeout
  #longestMs = 0

  constructor(lab: Lab) {
    let [sunk, since] = [lab.sunk(), performance.now()]
    this.#timer = setInterval(() => {
      const now = performance.now()
      this.#longestMs = Math.max(this.#longestMs, now - since)
      if (lab.sunk() > sunk) [sunk, since] = [lab.sunk(), now]
    }, 5)
    lab.onClose(async () => clearInterval(this.#timer))
  }

  end(): number {
    clearInterval(this.#timer)
    return this.#longestMs
  }
}
