import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Broker } from '../../src/broker/broker.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { launcher } from '../support/worker-process.ts'
import { kafkaBootstrap } from './support/services.ts'

/** What Apache Kafka Connect was seen to do; the tool that replays it is beside the recordings. */
const folder = join(import.meta.dirname, '../../../shared/scenarios')
const isThere = existsSync(join(folder, 'replay.mjs'))
if (!isThere) console.warn(`SKIPPED: there are no recorded scenarios in ${folder}`)

const scenarios = isThere
  ? readdirSync(folder).filter(
      (name) =>
        name.endsWith('.json') && 'steps' in (JSON.parse(readFileSync(join(folder, name), 'utf8')) as object),
    )
  : []

/** Resolves with everything that the replay had to say, and whether all steps passed. */
function replay(scenario: string, bootstrap: string): Promise<{ passed: boolean; output: string }> {
  const args = ['--logs', '--start', `${process.execPath} ${launcher}`, '--bootstrap', bootstrap]
  const child = spawn(process.execPath, [join(folder, 'replay.mjs'), ...args, join(folder, scenario)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  }
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ passed: code === 0, output }))
  })
}

function passesAll(bootstrap: () => string) {
  test.for(scenarios)('%s', { timeout: 180_000 }, async (scenario) => {
    const { passed, output } = await replay(scenario, bootstrap())
    expect(passed, output).toBe(true)
    expect(output).toMatch(/\b[1-9]\d* passed, 0 failed\s*$/)
  })
}

describe.skipIf(!isThere || kafkaBootstrap === null)(
  'with Apache Kafka a worker does what was recorded in',
  () => {
    passesAll(() => kafkaBootstrap!)
  },
)

describe.skipIf(!isThere)('with the embedded broker a worker does what was recorded in', () => {
  let broker: Broker
  let dataDir: string
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'tsconnect-scenarios-'))
    broker = await Broker.open({ host: '127.0.0.1', port: 0, dataDir, log: silentLogger })
  })
  afterAll(async () => {
    await broker.close()
    rmSync(dataDir, { recursive: true, force: true })
  })
  passesAll(() => `127.0.0.1:${broker.port}`)
})
