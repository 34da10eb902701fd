import { until } from '../../support/until.ts'
import { KafkaCluster } from '../kafka-cluster.ts'
import { type FaultCase, problemsOf, together } from '../lab.ts'
import { Load } from '../load.ts'
import { TopicAdmin } from '../topic-admin.ts'

const brokers = 3

/** The leader of the topic goes, politely and by kill -9 in turn, another takes over, and it comes back. */
export const leaderChange: FaultCase = {
  name: 'leader-change',
  numbers: '8',
  about: 'the leader of the topic, one of three brokers, stops or dies and comes back',
  only: 'kafka',
  byHand: 'three brokers on a small machine take most of a minute to start and to catch up',
  async run(lab, { rounds: asked }) {
    const rounds = asked ?? 4
    const cluster = await KafkaCluster.start(lab, brokers)
    const topic = await TopicAdmin.open(lab, cluster.addresses)
    await topic.create('t', 1, brokers)
    lab.write(0, 0)
    const load = new Load(lab, 10_000)
    const worker = lab.worker([
      await lab.workerFile({
        'bootstrap.servers': cluster.addresses.join(),
        'offset.flush.interval.ms': '200',
      }),
      lab.sourceFile(),
      lab.sinkFile(),
    ])
    worker.start()
    await lab.reached(() => lab.sunk(), 10_000, worker)
    let recoveryMs = 0
    for (let round = 0; round < rounds; round++) {
      const leader = await leaderOf(topic)
      const node = cluster.nodes[leader - 1]!
      const gone = performance.now()
      const stopping = node.stop(round % 2 === 0 ? 'SIGKILL' : 'SIGTERM')
      await until(async () => (await leaderOf(topic)) !== leader, {
        what: 'another leader',
        timeoutMs: 60_000,
      })
      const [committed, sunk] = [lab.committed(), lab.sunk()]
      await lab.reached(() => Math.min(lab.committed() - committed, lab.sunk() - sunk), 1000, worker, 60_000)
      recoveryMs = Math.max(recoveryMs, performance.now() - gone)
      await stopping
      await node.start()
      await until(async () => (await topic.partition('t')).inSync === brokers, {
        what: 'all replicas to be in sync',
        timeoutMs: 60_000,
      })
    }
    const count = load.end()
    await lab.reached(() => lab.committed(), count, worker)
    await lab.untilAllSunk(count, worker)
    await worker.stop('SIGTERM')
    const inTopic = await lab.judgeTopic('t', count)
    const file = lab.judgeFile(count)
    const problems = [
      // Idempotence, the default: nothing comes twice into the topic.
      ...problemsOf(inTopic, 0).map((problem) => `topic: ${problem}`),
      ...problemsOf(file, 0).map((problem) => `file: ${problem}`),
      ...(recoveryMs > 15_000
        ? [`records flowed only ${Math.round(recoveryMs)} ms after the leader went`]
        : []),
    ]
    const notes = `topic twice ${inTopic.duplicated}, file twice ${file.duplicated}`
    return {
      ...together(inTopic, file),
      rounds,
      recoveryMs,
      peakMb: worker.peakMb,
      problems,
      notes,
    }
  },
}

async function leaderOf(topic: TopicAdmin): Promise<number> {
  return (await topic.partition('t')).leader
}
