import { readFileSync } from 'node:fs'
import { until } from '../../support/until.ts'
import { groupOffset } from '../kafka.ts'
import { type FaultCase, type Lab, problemsOf } from '../lab.ts'
import { Load } from '../load.ts'
import { TopicAdmin } from '../topic-admin.ts'
import type { FaultyWorker } from '../worker.ts'
import { shortSession } from './sink-kill.ts'

/** Source and sink in workers of their own, and the topic between them. */
interface Scene {
  readonly lab: Lab
  readonly topic: TopicAdmin
  readonly source: FaultyWorker
  readonly sink: FaultyWorker
}

/** Does something to the topic under load that began at a record, ends the load, and says what it found wrong. */
type Change = (scene: Scene, end: () => number, from: number) => Promise<Outcome>

interface Outcome {
  /** How many records the sink cannot get, because the broker has deleted them. */
  readonly deleted: number
  readonly problems: readonly string[]
}

/** So that changes of the topic are noticed within the case, not after five minutes. */
const sinkSettings = { 'consumer.override.metadata.max.age.ms': '500', ...shortSession }
/** The same; and what goes to a partition that is gone for good is given up, and read again, after 3 s instead of 120. */
const sourceSettings = {
  'producer.override.metadata.max.age.ms': '500',
  'producer.override.request.timeout.ms': '2000',
  'producer.override.delivery.timeout.ms': '3000',
}

/** Somebody changes the topic between a source and a sink: more partitions, records deleted, deleted and made again. */
export const topicChanges: FaultCase = {
  name: 'topic-changes',
  numbers: '8',
  about: 'the topic gets partitions, loses records to retention, is deleted and made again',
  async run(lab, { rounds: asked }) {
    const rounds = asked ?? 1
    const scene = await open(lab)
    const problems: string[] = []
    let count = 0
    let deleted = 0
    for (let round = 0; round < rounds; round++) {
      await beginWithOnePartition(scene)
      for (const change of [recreate, addPartitions, deleteRecords] satisfies Change[]) {
        const load = new Load(lab, 5000, count)
        await grown(scene, 1000)
        const outcome = await change(scene, () => (count = load.end()), count)
        deleted += outcome.deleted
        problems.push(...outcome.problems)
        const { lost } = lab.judgeFile(count)
        if (lost !== deleted)
          problems.push(`${change.name}: ${lost} are missing, and ${deleted} were deleted`)
      }
      for (const worker of [scene.source, scene.sink]) await worker.stop('SIGTERM')
    }
    const file = lab.judgeFile(count)
    // Several partitions in one file: order is for the topic to show.
    const topic = await lab.judgeTopic('t', count)
    const verdict = { ...file, lost: file.lost - deleted, reordered: topic.reordered }
    problems.push(...problemsOf(verdict, 0))
    const peakMb = Math.max(scene.source.peakMb, scene.sink.peakMb)
    const notes = `${deleted} records were deleted before the sink had them`
    return { ...verdict, rounds, recoveryMs: null, peakMb, problems, notes }
  },
}

async function open(lab: Lab): Promise<Scene> {
  await lab.startBroker()
  lab.write(0, 0)
  const topic = await TopicAdmin.open(lab)
  const own = { 'offset.storage.file.filename': lab.path('sink.offsets'), 'offset.flush.interval.ms': '200' }
  const source = lab.worker([await lab.workerFile(), lab.sourceFile(sourceSettings)])
  const sink = lab.worker([await lab.workerFile(own, 'sink-worker.properties'), lab.sinkFile(sinkSettings)])
  return { lab, topic, source, sink }
}

/** As many as the topic gets when the producer is first to make it again. */
async function beginWithOnePartition({ topic, source, sink }: Scene): Promise<void> {
  if (await topic.exists('t')) await topic.delete('t')
  await until(() => topic.create('t', 1), { what: 'the topic to be made' })
  source.start()
  sink.start()
}

/** New partitions are read from their start, whatever came to them before the sink knew of them. */
async function addPartitions(scene: Scene, end: () => number): Promise<Outcome> {
  const { topic } = scene
  await topic.addPartitions('t', (await topic.ends('t')).length + 2)
  await until(async () => (await topic.ends('t')).every((length) => length > 0), {
    what: 'records in every partition',
    timeoutMs: 30_000,
  })
  await settled(scene, end())
  return { deleted: 0, problems: [] }
}

/** Retention passes the sink's offsets while it is away: it goes on at the first record left, and says so. */
async function deleteRecords(scene: Scene, end: () => number): Promise<Outcome> {
  const { topic, sink } = scene
  await sink.stop('SIGTERM')
  const offsets = await sinkOffsets(scene)
  await until(async () => (await topic.ends('t')).every((length, p) => length > offsets[p]! + 300), {
    what: 'records for the sink in every partition',
    timeoutMs: 30_000,
  })
  const starts = (await topic.ends('t')).map((length, p) => Math.floor((offsets[p]! + length) / 2))
  for (const [partition, start] of starts.entries()) await topic.deleteRecords('t', partition, start)
  sink.start()
  await grown(scene, 1000)
  await settled(scene, end())
  const log = sink.logSinceStart
  const unsaid = starts.filter(
    (start, p) =>
      !new RegExp(`WARN .*Fetch position ${offsets[p]} is out of range for partition t-${p},`).test(log) ||
      !log.includes(`Resetting offset for partition t-${p} to position ${start}.`),
  )
  return {
    deleted: starts.reduce((sum, start, p) => sum + start - offsets[p]!, 0),
    problems: unsaid.map((start) => `deleteRecords: the log does not say that it goes on at ${start}`),
  }
}

/** The topic is deleted and made again while both run: what is sent from then on arrives. */
async function recreate(scene: Scene, end: () => number, from: number): Promise<Outcome> {
  const { lab, topic, source, sink } = scene
  // Long enough for the new one to be seen while it is shorter.
  await grown(scene, 5000)
  const [before, logged] = [await topic.length('t'), sink.log.length]
  await topic.delete('t')
  // The producer may be first to make it again.
  await until(async () => (await topic.length('t')) < before, {
    what: 'the topic to be deleted',
  })
  const sent = lab.committed()
  await topic.create('t', 1)
  await lab.reached(() => lab.committed(), sent + 3000, source, 30_000)
  const count = end()
  await settled(scene, count)
  const [inTopic, inFile] = [new Set<number>(), numbersIn(lab.path('out.txt'))]
  await lab.readTopic('t', (text) => inTopic.add(Number(text.slice(0, 10))))
  let [deleted, unsent, unread] = [0, 0, 0]
  for (let n = from; n < count; n++) {
    if (!inTopic.has(n) && n >= sent) unsent++
    if (inFile.has(n)) continue
    if (inTopic.has(n)) unread++
    else if (n < sent) deleted++
  }
  return {
    deleted,
    problems: [
      ...(sink.log.includes('Resetting offset for partition t-0 to position 0.', logged)
        ? []
        : ['recreate: the log does not say that the sink begins again']),
      ...(unsent > 0 ? [`recreate: ${unsent} records are not in the new topic`] : []),
      ...(unread > 0 ? [`recreate: ${unread} records of the new topic were not delivered`] : []),
    ],
  }
}

/** Waits until so many records more are in the sink's file. */
async function grown({ lab, sink }: Scene, by: number): Promise<void> {
  await lab.reached(() => lab.sunk(), lab.sunk() + by, sink, 30_000)
}

/** Waits until the source has sent everything and the sink has committed everything. */
async function settled(scene: Scene, count: number): Promise<void> {
  const { lab, topic, source, sink } = scene
  await lab.reached(() => lab.committed(), count, source, 30_000)
  const ends = await topic.ends('t')
  let offsets: readonly number[] = []
  await until(
    async () => {
      offsets = await sinkOffsets(scene)
      return sink.checkAlive() && ends.every((length, p) => offsets[p] === length)
    },
    { what: `the sink to commit ${ends.join()}, now ${offsets.join()}`, everyMs: 50, timeoutMs: 30_000 },
  )
}

async function sinkOffsets({ lab, topic }: Scene): Promise<readonly number[]> {
  const partitions = [...(await topic.ends('t')).keys()]
  return Promise.all(partitions.map((partition) => groupOffset(lab, 'out', 't', partition)))
}

function numbersIn(file: string): Set<number> {
  const lines = readFileSync(file, 'latin1').split('\n').slice(0, -1)
  return new Set(lines.map((line) => Number(line.slice(0, 10))))
}
