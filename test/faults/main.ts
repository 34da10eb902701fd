/** `npm run faults -- [CASE...] [--broker embedded|kafka] [--rounds N] [--seed N]`: what docs/reliability.md reports. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { cases } from './cases.ts'
import { type CaseResult, Lab } from './lab.ts'

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
const unknown = positionals.filter((name) => !cases.some((known) => known.name === name))
const { broker } = values
if (unknown.length > 0 || (broker !== 'embedded' && broker !== 'kafka')) {
  console.error(
    `${unknown.length > 0 ? `Unknown case ${unknown.join(', ')}` : `Unknown broker ${broker}`}.\n` +
      `Cases: ${cases.map(({ name, about }) => `\n  ${name.padEnd(16)} ${about}`).join('')}\nBrokers: embedded, kafka`,
  )
  process.exit(2)
}

let failed = 0
let passed = 0
let skipped = 0
for (const fault of cases) {
  if (positionals.length > 0 && !positionals.includes(fault.name)) continue
  if (fault.only !== undefined && fault.only !== broker) {
    skipped++
    console.log(
      `SKIP ${fault.name.padEnd(16)} ${broker.padEnd(8)} not applicable: it needs --broker ${fault.only}`,
    )
    continue
  }
  const folder = mkdtempSync(join(tmpdir(), 'tsconnect-faults-'))
  const rounds = values.rounds === undefined ? null : Number(values.rounds)
  const options = { broker, rounds, seed: Number(values.seed), folder } as const
  const lab = new Lab(options)
  const begun = performance.now()
  try {
    const result = await fault.run(lab, options)
    report(fault.name, result, performance.now() - begun)
    if (result.problems.length === 0) passed++
    else failed++
  } catch (error) {
    failed++
    console.log(`FAIL ${fault.name}: ${error instanceof Error ? error.message : String(error)}`)
  }
  await lab.close()
  if (values.keep) console.log(`     kept ${folder}`)
  else rmSync(folder, { recursive: true, force: true })
}
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exit(failed === 0 ? 0 : 1)

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
