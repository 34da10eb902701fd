import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cases } from '../faults/cases.ts'
import { kafkaLibs } from './support/services.ts'

const root = join(import.meta.dirname, '../..')

/** Runs the short form of one case of `npm run faults`. */
function runCase(name: string, broker: string): Promise<{ code: number | null; output: string }> {
  const args = [join(root, 'scripts/faults.mjs'), name, '--broker', broker, '--seed', '1']
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })))
}

for (const broker of ['embedded', 'kafka'] as const) {
  describe.skipIf(broker === 'kafka' && kafkaLibs === null)(`nothing is lost (${broker} broker) when`, () => {
    const short = cases.filter(({ only = broker, byHand }) => only === broker && byHand === undefined)
    test.for(short)('$about', async ({ name }) => {
      const { code, output } = await runCase(name, broker)
      expect(code, output).toBe(0)
      expect(output).toMatch(/^PASS /m)
    })
  })
}
