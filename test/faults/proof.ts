import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Proof } from './guards.ts'

/** Beyond the longest that a case, or a file of tests, waits for what does not come. */
const limitMs = 8 * 60_000

/** Bundles src/ of a copy of the project. Throws when it cannot be bundled. */
export async function build(folder: string): Promise<void> {
  const { code, output } = await run(folder, [
    '-e',
    "import('./scripts/bundle.mjs').then(({ bundle }) => bundle())",
  ])
  if (code !== 0) throw new Error(`It cannot be built:\n${output}`)
}

/** What failed first; null when all passed. Throws when the proof could not be run at all. */
export function prove(folder: string, proof: Proof): Promise<string | null> {
  return 'test' in proof ? runTests(folder, proof.test) : runCase(folder, proof.fault)
}

interface Report {
  readonly numPassedTests: number
  readonly testResults: readonly {
    readonly message: string
    readonly assertionResults: readonly {
      readonly status: string
      readonly fullName: string
    }[]
  }[]
}

async function runTests(folder: string, file: string): Promise<string | null> {
  const path = join(folder, 'guards-report.json')
  rmSync(path, { force: true })
  const vitest = 'node_modules/vitest/vitest.mjs'
  const reporting = ['--reporter=json', `--outputFile=${path}`]
  const { output, isLate } = await run(folder, [vitest, 'run', '--project', 'unit', file, ...reporting])
  if (isLate) return `${file} did not end`
  let report
  try {
    report = JSON.parse(readFileSync(path, 'utf8')) as Report
  } catch {
    throw new Error(`${file} could not be run:\n${output}`)
  }
  const results = report.testResults.flatMap(({ assertionResults }) => assertionResults)
  const failed = results.find(({ status }) => status === 'failed')
  if (failed !== undefined) return `${file}: ${failed.fullName.trim()}`
  if (report.numPassedTests === 0) throw new Error(`${file} has no tests, or does not load:\n${output}`)
  return null
}

/** On the embedded broker, which is there on every machine. */
async function runCase(folder: string, name: string): Promise<string | null> {
  const args = ['scripts/faults.mjs', name, '--broker', 'embedded', '--seed', '1']
  const { code, output, isLate } = await run(folder, args)
  if (isLate) return `npm run faults -- ${name} did not end`
  const lines = output.split('\n')
  const failed = lines.findIndex((line) => line.startsWith(`FAIL ${name}`))
  if (failed < 0 && code === 0) return null
  if (failed < 0) throw new Error(`The case ${name} could not be run:\n${output}`)
  const problem = lines[failed]!.includes(`FAIL ${name}:`)
    ? lines[failed]!.slice(5)
    : lines[failed + 1]!.trim()
  return `npm run faults -- ${name}: ${problem.slice(0, 140)}`
}

interface Run {
  readonly code: number | null
  readonly output: string
  readonly isLate: boolean
}

/** Runs Node with all that it starts in a group of its own, which ends with it. */
function run(folder: string, args: readonly string[]): Promise<Run> {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  }
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    process.kill(-child.pid!, 'SIGKILL')
  }, limitMs)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      clearTimeout(timer)
      resolve({ code, output, isLate })
    })
  })
}
