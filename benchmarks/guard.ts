/* eslint-disable no-console -- What a benchmark finds is what it prints. */
/**
 * `npm run bench:guard`: the hot path of these sources and of the commit named in benchmarks/BASELINE, built side by side
 * and run alternately against the embedded broker. Fails when the median ratio of processor time per record of one
 * direction is above 1.25. BASELINE moves in a commit of its own, with figures.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sink, source } from './cases.ts'
import { Bench } from './lab/bench.ts'
import { tsconnectBroker } from './lab/brokers.ts'
import { fixed, spreadText } from './lab/report.ts'
import { spreadOf } from './lab/statistics.ts'
import { type Subject, tsconnect } from './lab/subjects.ts'

const mostRatio = 1.25
const directions = { 'file -> topic': source, 'topic -> file': sink }

const { values } = parseArgs({ options: { pairs: { type: 'string', default: '10' } } })
const [commit] = readFileSync('benchmarks/BASELINE', 'utf8').split(/\s/)
if (git('cat-file', '-e', `${commit}^{commit}`).status === 0) process.exitCode = await compare(commit!)
else console.error(`SKIPPED: the hot path is not guarded, because ${commit} is not in this (shallow?) clone.`)

async function compare(baseline: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'tsconnect-baseline-'))
  const bench = await Bench.open(tsconnectBroker)
  let failed = 0
  try {
    const before = build(baseline, folder)
    for (const [direction, run] of Object.entries(directions)) {
      const ratios: number[] = []
      const pairs = Number(values.pairs)
      // On a busy machine the median of ten may be off: a bad one has to be confirmed.
      for (let most = pairs; ratios.length === 0 || (most <= 2 * pairs && isWorse(ratios)); most += pairs) {
        while (ratios.length < most) ratios.push(await ratioOf(bench, run, before, ratios.length))
      }
      const spread = spreadOf(ratios)
      if (isWorse(ratios)) failed++
      console.log(
        `${isWorse(ratios) ? 'FAIL' : 'PASS'} ${direction}: CPU per record against ${baseline}: ${spreadText(spread, fixed(2))} ` +
          `(min / median / max of ${ratios.length} pairs, at most ${mostRatio})`,
      )
    }
  } finally {
    await bench.close()
    rmSync(folder, { recursive: true, force: true })
  }
  console.log(`${Object.keys(directions).length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

/** Processor time of these sources as a multiple of the baseline's. */
async function ratioOf(bench: Bench, run: typeof source, before: Subject, pair: number): Promise<number> {
  const cpu = new Map<Subject, number>()
  for (const subject of pair % 2 === 0 ? [before, tsconnect] : [tsconnect, before]) {
    const figures = await run(bench, subject, {})
    await bench.endRun()
    cpu.set(subject, figures['cpuPerMillion']!)
  }
  return cpu.get(tsconnect)! / cpu.get(before)!
}

function isWorse(ratios: readonly number[]): boolean {
  return spreadOf(ratios).median > mostRatio
}

/** The sources of the commit, bundled with the packages that are installed here. */
function build(baseline: string, folder: string): Subject {
  const tree = join(folder, 'tree')
  mkdirSync(tree)
  const archive = join(folder, 'tree.tar')
  check(git('archive', '--output', archive, baseline))
  check(spawnSync('tar', ['-xf', archive, '-C', tree], { encoding: 'utf8' }))
  symlinkSync(join(process.cwd(), 'node_modules'), join(tree, 'node_modules'))
  const script = "import('./scripts/bundle.mjs').then((scripts) => scripts.bundle())"
  check(spawnSync(process.execPath, ['-e', script], { cwd: tree, encoding: 'utf8' }))
  return {
    name: baseline,
    settings: {},
    command: [process.execPath, join(tree, 'bin/tsconnect-standalone.js')],
  }
}

function git(...args: string[]) {
  return spawnSync('git', args, { encoding: 'utf8' })
}

function check({ status, stderr, error }: { status: number | null; stderr: string; error?: Error }): void {
  if (status !== 0) throw new Error(`The baseline cannot be built: ${error?.message ?? stderr}`)
}
