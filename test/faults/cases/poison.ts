import { readFileSync } from 'node:fs'
import { until } from '../../support/until.ts'
import { groupOffset, produce } from '../kafka.ts'
import { type FaultCase, type Lab, problemsOf } from '../lab.ts'
import { Oracle, recordText, type Verdict } from '../numbered-records.ts'
import { unwanted } from '../plugins/picky-sink.ts'
import { Rest } from '../rest.ts'
import type { FaultyWorker } from '../worker.ts'

/** A good record is an object with one field; each stage has its own that it cannot take. */
const stages = {
  converter: (text: string) => `{"r":"${text}"`,
  transform: (text: string) => `"${text}"`,
  put: (text: string) => `{"r":"${unwanted}${text}"}`,
}
const percents = [1, 50, 100]

interface Poisoned {
  readonly topic: string
  readonly isPoison: readonly boolean[]
  readonly values: readonly string[]
}

/** Records that cannot be processed, some or all. `rounds` are thousands of records per topic. */
export const poison: FaultCase = {
  name: 'poison',
  numbers: '12',
  about: '1 %, 50 % and 100 % of the records cannot be converted, transformed or written',
  async run(lab, { rounds: asked }) {
    const rounds = asked ?? 1
    const count = rounds * 1000
    await lab.startBroker()
    const topics = Object.entries(stages).flatMap(([stage, spoil]) =>
      percents.map((percent) => poisoned(lab, { stage, spoil, percent, count })),
    )
    await produce(lab, new Map(topics.map(({ topic, values }) => [topic, values])))
    const workerFile = await lab.workerFile({
      'offset.flush.interval.ms': '100',
      'value.converter': 'JsonConverter',
      'value.converter.schemas.enable': 'false',
    })
    const worker = lab.pluginWorker([workerFile, ...topics.flatMap((each) => sinks(lab, each))])
    worker.start()
    await worker.whenReady()
    const problems: string[] = []
    for (const each of topics) problems.push(...(await strictProblems(lab, worker, each)))
    await until(async () => worker.checkAlive() && (await areThrough(lab, topics)), {
      what: `the end of the topics; the worker says\n${worker.log.slice(-1500)}`,
      timeoutMs: 60_000,
      everyMs: 100,
    })
    await worker.stop('SIGTERM')
    const dead = new Map<string, string[]>(topics.map(({ topic }) => [topic, []]))
    await lab.readTopic(
      topics.map(({ topic }) => `dead-${topic}`),
      (text, _, { topic }) => dead.get(topic.slice('dead-'.length))!.push(text),
    )
    const verdicts = topics.map((each) => judge(lab, each, dead.get(each.topic)!, problems))
    const total = (pick: (verdict: Verdict) => number) =>
      verdicts.reduce((sum, verdict) => sum + pick(verdict), 0)
    const letters = [...dead.values()].reduce((sum, { length }) => sum + length, 0)
    return {
      lost: total(({ lost }) => lost),
      duplicated: total(({ duplicated }) => duplicated),
      reordered: total(({ reordered }) => reordered),
      damaged: total(({ damaged }) => damaged),
      torn: total(({ torn }) => torn),
      rounds,
      recoveryMs: null,
      peakMb: worker.peakMb,
      problems,
      notes: `${letters} dead letters of ${topics.length * count} records`,
    }
  },
}

function poisoned(
  lab: Lab,
  given: { stage: string; spoil: (text: string) => string; percent: number; count: number },
): Poisoned {
  const isPoison = Array.from({ length: given.count }, () => lab.random() * 100 < given.percent)
  // Of a few records there must be one.
  isPoison[Math.floor(lab.random() * given.count)] = true
  const values = isPoison.map((isBad, n) => (isBad ? given.spoil(recordText(n)) : `{"r":"${recordText(n)}"}`))
  return { topic: `${given.stage}-${given.percent}`, isPoison, values }
}

/** One that tolerates nothing, and one that tolerates all. */
function sinks(lab: Lab, { topic }: Poisoned): string[] {
  const common = {
    'connector.class': 'PickySink',
    'topics': topic,
    'transforms': 'r',
    'transforms.r.type': 'org.apache.kafka.connect.transforms.ExtractField$Value',
    'transforms.r.field': 'r',
  }
  // With it the task may report, and what it reports with tolerance none fails it.
  const strict = { 'errors.log.enable': 'true' }
  const lenient = {
    'errors.tolerance': 'all',
    'errors.deadletterqueue.topic.name': `dead-${topic}`,
    'errors.deadletterqueue.topic.replication.factor': '1',
  }
  return [
    lab.sinkFile(
      { ...common, ...strict, name: `strict-${topic}`, file: lab.path(`strict-${topic}.txt`) },
      `strict-${topic}`,
    ),
    lab.sinkFile(
      { ...common, ...lenient, name: `lenient-${topic}`, file: lab.path(`lenient-${topic}.txt`) },
      `lenient-${topic}`,
    ),
  ]
}

async function strictProblems(
  lab: Lab,
  worker: FaultyWorker,
  { topic, isPoison }: Poisoned,
): Promise<string[]> {
  const { trace } = await new Rest(worker).untilTask(`strict-${topic}`, 'FAILED')
  const first = isPoison.indexOf(true)
  const problems: string[] = []
  if (trace?.includes(`topic='${topic}', partition=0, offset=${first},`) !== true) {
    problems.push(`strict-${topic}: the trace does not name offset ${first}: ${trace?.slice(0, 300)}`)
  }
  const committed = await groupOffset(lab, `strict-${topic}`, topic)
  if (committed > first) problems.push(`strict-${topic}: ${committed} is committed, ${first} is poison`)
  return problems
}

async function areThrough(lab: Lab, topics: readonly Poisoned[]): Promise<boolean> {
  for (const { topic, values } of topics) {
    if ((await groupOffset(lab, `lenient-${topic}`, topic)) < values.length) return false
  }
  return true
}

/** Good records in the file and poison among the dead letters, each once and in order. */
function judge(lab: Lab, { topic, isPoison, values }: Poisoned, dead: string[], problems: string[]): Verdict {
  const oracle = new Oracle(values.length)
  const lines = readFileSync(lab.path(`lenient-${topic}.txt`), { encoding: 'utf8', flag: 'a+' })
  for (const line of lines.split('\n').slice(0, -1)) oracle.take(line, 0)
  const numbers = new Map(values.map((value, n) => [value, n]))
  for (const value of dead) {
    const n = numbers.get(value)
    if (n === undefined || !isPoison[n]) problems.push(`${topic}: no dead letter should be ${value}`)
    else oracle.take(recordText(n), 1)
  }
  const expected = isPoison.filter(Boolean).length
  if (dead.length !== expected) {
    problems.push(`${topic}: ${dead.length} dead letters for ${expected} records that are poison`)
  }
  const verdict = oracle.verdict()
  problems.push(...problemsOf(verdict, 0).map((problem) => `${topic}: ${problem}`))
  return verdict
}
