import { type CaseOptions, type CaseResult, type FaultCase, type Lab, problemsOf, together } from '../lab.ts'
import { Load } from '../load.ts'

/** The broker goes, politely and by kill -9 in turn, and comes back, while records flow from file to file. */
export const brokerRestart: FaultCase = {
  name: 'broker-restart',
  numbers: '6',
  about: 'the broker stops or dies and comes back under load',
  run: (lab, options) => restartAndJudge(lab, options, null),
}

/** The same with transactions whose time runs out meanwhile, and an exact sink: every record is in the file once. */
export const brokerRestartExactlyOnce: FaultCase = {
  name: 'broker-restart-exactly-once',
  numbers: '6',
  about: 'the broker stops or dies and comes back under a load of transactions',
  run: (lab, options) =>
    restartAndJudge(lab, options, {
      worker: { 'exactly.once.source.support': 'enabled', 'offset.flush.interval.ms': '500' },
      source: {
        'transaction.boundary': 'interval',
        'transaction.boundary.interval.ms': '100',
        'producer.override.transaction.timeout.ms': '1000',
      },
      sink: { 'exactly.once.sink': 'true', 'consumer.override.isolation.level': 'read_committed' },
    }),
}

const perSecond = 20_000
/** Far less than the records that can be read while the broker is away. */
const bufferMemory = 2_000_000
const waiting = 100_000

type Settings = Record<'worker' | 'source' | 'sink', Record<string, string>>

/** With the settings that make it exact, or without. */
async function restartAndJudge(
  lab: Lab,
  { rounds: asked }: CaseOptions,
  exact: Settings | null,
): Promise<CaseResult> {
  const isExact = exact !== null
  const rounds = asked ?? 2
  await lab.startBroker()
  lab.write(0, 0)
  let load = new Load(lab, perSecond)
  const files = [
    await lab.workerFile(exact?.worker),
    lab.sourceFile({ ...exact?.source, 'producer.override.buffer.memory': String(bufferMemory) }),
    lab.sinkFile(exact?.sink),
  ]
  const worker = lab.worker(files)
  worker.start()
  await lab.reached(() => lab.sunk(), 10_000, worker)
  let [recoveryMs, mostRead] = [0, 0]
  for (let round = 0; round < rounds; round++) {
    await lab.broker.stop(round % 2 === 0 ? 'SIGKILL' : 'SIGTERM')
    const read = worker.readBytes()
    const written = load.end()
    lab.write(written, written + waiting)
    await new Promise((resolve) => setTimeout(resolve, 1000 + lab.random() * 2000))
    mostRead = Math.max(mostRead, worker.readBytes() - read)
    await lab.broker.start()
    load = new Load(lab, perSecond, written + waiting)
    const ready = performance.now()
    const before = lab.sunk()
    await lab.reached(() => lab.sunk(), before + 1000, worker)
    recoveryMs = Math.max(recoveryMs, performance.now() - ready)
  }
  const count = load.end()
  await lab.reached(() => lab.committed(), count, worker)
  await lab.untilAllSunk(count, worker)
  const code = await worker.stop('SIGTERM')
  const topic = await lab.judgeTopic('t', count, isExact ? { 'isolation.level': 'read_committed' } : {})
  const file = lab.judgeFile(count)
  const problems = [
    // Idempotence, the default: nothing comes twice into the topic.
    ...problemsOf(topic, 0).map((problem) => `topic: ${problem}`),
    // The broker remembers the sink's membership, which outlasts its absence.
    ...problemsOf(file, 0).map((problem) => `file: ${problem}`),
    ...(recoveryMs > 10_000
      ? [`records flowed only ${Math.round(recoveryMs)} ms after the broker was ready`]
      : []),
    ...(mostRead > 2 * bufferMemory
      ? [`without a broker the worker read on for ${mostRead} bytes, buffer.memory is ${bufferMemory}`]
      : []),
    ...(worker.peakMb > 300 ? [`the worker took ${Math.round(worker.peakMb)} MB`] : []),
    ...(code === 143 ? [] : [`the worker ended with ${code}`]),
  ]
  const notes = `topic twice ${topic.duplicated}, file twice ${file.duplicated}; read on for ${mostRead} bytes`
  return {
    ...together(topic, file),
    rounds,
    recoveryMs,
    peakMb: worker.peakMb,
    problems,
    notes,
  }
}
