/* eslint-disable no-console -- What a benchmark finds is what it prints. */
/**
 * `npm run bench [-- CASE...] [--rounds N] [--subject NAME] [--fresh] [--write]`: tsconnect beside Kafka Connect, with its default and
 * with tuned settings, one after the other in every round. What was measured of this commit is kept, so that a run
 * which was ended goes on where it was; `--fresh` forgets it. `--write` puts the tables into docs/benchmarks.md.
 * `npm run bench:quick` runs three cases once, beside tuned Kafka Connect: a look, nothing to be cited.
 */
import { parseArgs } from 'node:util'
import { type BenchCase, cases } from './cases.ts'
import type { Peer } from './lab/peers.ts'
import { kafkaConnect, type Subject, tsconnect, tunedKafkaConnect } from './lab/subjects.ts'
import { Bench } from './lab/bench.ts'
import { apacheKafka } from './lab/brokers.ts'
import { writeSection } from './lab/report.ts'
import { Results } from './lab/results.ts'
import { report } from './report.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    subject: { type: 'string', multiple: true },
    fresh: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})
const quick = ['source', 'source-json-schema', 'sink']
const asked = values.quick ? quick : positionals
const unknown = asked.filter((name) => !cases.some((known) => known.name === name))
if (unknown.length > 0) {
  console.error(`There is no case ${unknown.join(', ')}. Cases: ${cases.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}
const rounds = values.quick ? 1 : Number(values.rounds)
const isLeftOut = (subject: Subject | Peer, { subjects }: BenchCase) =>
  values.subject?.includes(subject.name) === false || (values.quick && !isQuick(subject, subjects))
const isQuick = (subject: Subject | Peer, among: BenchCase['subjects']) =>
  subject === tsconnect || subject === (among.includes(tunedKafkaConnect) ? tunedKafkaConnect : kafkaConnect)
const results = Results.open(values.fresh)
const bench = await Bench.open(apacheKafka)
try {
  for (const each of cases.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
    for (let round = 1; round <= rounds; round++) {
      for (const subject of each.subjects) {
        if (isLeftOut(subject, each)) continue
        if (results.has(each.name, subject.name, round)) continue
        const figures = await each.run(bench, subject)
        await bench.endRun()
        results.add({ case: each.name, subject: subject.name, round, figures })
        const text = Object.entries(figures).map(([name, value]) => `${name} ${short(value)}`)
        console.log(`${each.name.padEnd(26)} ${round} ${subject.name.padEnd(22)} ${text.join('  ')}`)
      }
    }
  }
} finally {
  await bench.close()
}

const text = report(results.all)
console.log(`\n${text}`)
if (values.quick) console.log('\nOne run each: not to be cited.')
else if (values.write) writeSection('bench', text)

function short(value: number): string {
  return value >= 10_000 ? `${Math.round(value / 1000)}k` : String(Math.round(value * 100) / 100)
}
