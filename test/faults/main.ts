/**
 * `npm run faults -- [CASE...] [--broker embedded|kafka] [--rounds N] [--seed N]`: what docs/reliability.md reports.
 * With `-` for the cases their names come line by line on stdin, and `done` stands behind the report of each.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { cases } from './cases.ts'
import { KafkaPool } from './kafka-pool.ts'
import { type CaseResult, type FaultCase, Lab } from './lab.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    broker: {
      type: 'string',
      default: process.env['TSCONNECT_KAFKA_LIBS'] === undefined ? 'embedded' : 'kafka',
    },
    rounds: { type: 'string' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const isAsked = positionals.join() === '-'
const unknown = isAsked ? [] : positionals.filter((name) => !cases.some((known) => known.name === name))
const { broker } = values
if (unknown.length > 0 || (broker !== 'embedded' && broker !== 'kafka')) {
  console.error(
    `${unknown.length > 0 ? `Unknown case ${unknown.join(', ')}` : `Unknown broker ${broker}`}.\n` +
      `Cases: ${cases.map(({ name, about }) => `\n  ${name.padEnd(16)} ${about}`).join('')}\nBrokers: embedded, kafka`,
  )
  process.exit(2)
}

const counts = { passed: 0, failed: 0, skipped: 0 }
const kafkas = new KafkaPool()
if (isAsked) {
  for await (const name of createInterface(process.stdin)) {
    const found = cases.find((known) => known.name === name)
    if (found === undefined) console.log(`FAIL ${name}: there is no such case`)
    else await runCase(found)
    console.log('done')
  }
} else {
  for (const fault of cases) {
    if (positionals.length === 0 || positionals.includes(fault.name)) await runCase(fault)
  }
}
await kafkas.close(values.keep)
const { passed, failed, skipped } = counts
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exit(failed === 0 ? 0 : 1)

async function runCase(fault: FaultCase): Promise<void> {
  if (fault.only !== undefined && fault.only !== broker) {
    counts.skipped++
    console.log(
      `SKIP ${fault.name.padEnd(16)} ${broker!.padEnd(8)} not applicable: it needs --broker ${fault.only}`,
    )
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'tsconnect-faults-'))
  const rounds = values.rounds === undefined ? null : Number(values.rounds)
  const options = {
    broker: broker as 'embedded' | 'kafka',
    rounds,
    seed: Number(values.seed),
    folder,
    kafkas,
  }
  const lab = new Lab(options)
  const begun = performance.now()
  let isSound = false
  try {
    const result = await fault.run(lab, options)
    report(fault.name, result, performance.now() - begun)
    isSound = result.problems.length === 0
  } catch (error) {
    console.log(`FAIL ${fault.name}: ${error instanceof Error ? error.message : String(error)}`)
  }
  counts[isSound ? 'passed' : 'failed']++
  await lab.close(isSound)
  if (values.keep) console.log(`     kept ${folder}${broker === 'kafka' ? ` and ${kafkas.folder}` : ''}`)
  else rmSync(folder, { recursive: true, force: true })
}

function report(name: string, result: CaseResult, ms: number): void {
  const { lost, duplicated, reordered, recoveryMs, peakMb, rounds, problems, notes } = result
  const verdict = problems.length === 0 ? 'PASS' : 'FAIL'
  if (values.json) console.log(JSON.stringify({ name, broker, seed: Number(values.seed), ...result }))
  console.log(
    `${verdict} ${name.padEnd(16)} ${broker!.padEnd(8)} rounds ${rounds}  L ${lost}  D ${duplicated}  R ${reordered}  ` +
      `recovery ${recoveryMs === null ? '-' : `${Math.round(recoveryMs)} ms`}  peak ${Math.round(peakMb)} MB  ` +
      `seed ${values.seed}  ${(ms / 1000).toFixed(1)} s${notes === undefined ? '' : `  (${notes})`}`,
  )
  for (const problem of problems) console.log(`     ${problem}`)
}
