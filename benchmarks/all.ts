/* eslint-disable no-console -- What a benchmark finds is what it prints. */
/**
 * `npm run bench [-- CASE...] [--rounds N] [--subject NAME] [--fresh] [--write]`: tsconnect beside Kafka Connect, with its
 * default and with tuned settings, one after the other in every round. What was measured of the same sources is kept, so
 * that a run which was ended goes on where it was; `--fresh` forgets it. `--write` puts the tables into
 * docs/benchmarks.md.
 * `--profile DIR` runs tsconnect alone, once, leaves a CPU profile of each case there and says what is hot.
 * `npm run bench:quick` runs three cases once, beside tuned Kafka Connect: a look, nothing to be cited.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type BenchCase, cases, type Figures } from './cases.ts'
import { Bench } from './lab/bench.ts'
import { apacheKafka } from './lab/brokers.ts'
import type { Peer } from './lab/peers.ts'
import { hottest } from './lab/profile.ts'
import { writeSection } from './lab/report.ts'
import { Results } from './lab/results.ts'
import { kafkaConnect, profiled, type Subject, tsconnect, tunedKafkaConnect } from './lab/subjects.ts'
import { report } from './report.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    subject: { type: 'string', multiple: true },
    fresh: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
})
const quick = ['source', 'source-json-schema', 'sink']
const asked = values.quick ? quick : positionals
const unknown = asked.filter((name) => !cases.some((known) => known.name === name))
if (unknown.length > 0) {
  console.error(`There is no case ${unknown.join(', ')}. Cases: ${cases.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}
const chosen = cases.filter(({ name }) => asked.length === 0 || asked.includes(name))
const bench = await Bench.open(apacheKafka)
try {
  if (values.profile === undefined) await compare(bench)
  else await profile(bench, values.profile)
} finally {
  await bench.close()
}

async function compare(bench: Bench): Promise<void> {
  const results = Results.open(values.fresh)
  const rounds = values.quick ? 1 : Number(values.rounds)
  for (const each of chosen) {
    for (let round = 1; round <= rounds; round++) {
      for (const subject of subjectsOf(each)) {
        if (results.has(each.name, subject.name, round)) continue
        const figures = await each.run(bench, subject)
        await bench.endRun()
        results.add({ case: each.name, subject: subject.name, round, figures })
        console.log(`${each.name.padEnd(26)} ${round} ${subject.name.padEnd(22)} ${lineOf(figures)}`)
      }
    }
  }
  const text = report(results.all)
  console.log(`\n${text}`)
  if (values.quick) console.log('\nOne run each: not to be cited.')
  else if (values.write) writeSection('bench', text)
}

function subjectsOf({ subjects }: BenchCase): readonly (Subject | Peer)[] {
  const wanted = values.subject
  if (wanted !== undefined) return subjects.filter(({ name }) => wanted.includes(name))
  if (!values.quick) return subjects
  return [tsconnect, subjects.includes(tunedKafkaConnect) ? tunedKafkaConnect : kafkaConnect]
}

async function profile(bench: Bench, folder: string): Promise<void> {
  for (const each of chosen) {
    const own = join(folder, each.name)
    mkdirSync(own, { recursive: true })
    const figures = await each.run(bench, profiled(own))
    // The profile is written when the worker ends.
    await bench.endRun()
    console.log(`${each.name}: ${lineOf(figures)}\n${hottest(own, 15).join('\n')}`)
  }
}

function lineOf(figures: Figures): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${short(value)}`)
    .join('  ')
}

function short(value: number): string {
  return value >= 10_000 ? `${Math.round(value / 1000)}k` : String(Math.round(value * 100) / 100)
}
