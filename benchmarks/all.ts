/* eslint-disable no-console -- What a benchmark finds is what it prints. */
/**
 * `npm run bench [-- CASE...] [--rounds N] [--fresh] [--write]`: tsconnect beside Kafka Connect, with its default and
 * with tuned settings, one after the other in every round. What was measured of this commit is kept, so that a run
 * which was ended goes on where it was; `--fresh` forgets it. `--write` puts the tables into docs/benchmarks.md.
 */
import { parseArgs } from 'node:util'
import { cases } from './cases.ts'
import { Bench } from './lab/bench.ts'
import { Results } from './lab/results.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    subject: { type: 'string', multiple: true },
    fresh: { type: 'boolean', default: false },
  },
})
const unknown = positionals.filter((name) => !cases.some((known) => known.name === name))
if (unknown.length > 0) {
  console.error(`There is no case ${unknown.join(', ')}. Cases: ${cases.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}
const rounds = Number(values.rounds)
const results = Results.open(values.fresh)
const bench = await Bench.open()
try {
  for (const each of cases.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
    for (let round = 1; round <= rounds; round++) {
      for (const subject of each.subjects) {
        if (values.subject !== undefined && !values.subject.includes(subject.name)) continue
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

function short(value: number): string {
  return value >= 10_000 ? `${Math.round(value / 1000)}k` : String(Math.round(value * 100) / 100)
}
