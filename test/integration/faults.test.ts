import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, describe, expect, onTestFailed, test } from 'vitest'
import { cases } from '../faults/cases.ts'
import { until } from '../support/until.ts'
import { kafkaLibs } from './support/services.ts'

const root = join(import.meta.dirname, '../..')

/** `npm run faults -- -`: one process, and one Kafka where nothing happens to it, for case after case. */
class Bench {
  readonly #broker: string
  #child: ChildProcess | null = null
  #output = ''

  constructor(broker: string) {
    this.#broker = broker
  }

  /** Runs the short form of a case and gives its report. */
  async run(name: string): Promise<string> {
    const child = (this.#child ??= this.#start())
    this.#output = ''
    child.stdin!.write(`${name}\n`)
    return until(
      () => {
        if (child.exitCode !== null) throw new Error(`The bench has ended:\n${this.#output}`)
        return /^done$/m.test(this.#output) && this.#output
      },
      { what: `the report of ${name}`, timeoutMs: 175_000 },
    )
  }

  /** Ends it with all that it has started; the next case gets a new one. */
  kill(): void {
    const child = this.#child
    this.#child = null
    if (child?.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
  }

  async end(): Promise<void> {
    const child = this.#child
    if (child === null || child.exitCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.stdin!.end()
    await gone
  }

  #start(): ChildProcess {
    const args = [join(root, 'scripts/faults.mjs'), '-', '--broker', this.#broker, '--seed', '1']
    // A group of its own: what hangs goes with what it has started.
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'pipe', detached: true })
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (this.#output += chunk.toString()))
    }
    return child
  }
}

for (const broker of ['embedded', 'kafka'] as const) {
  describe.skipIf(broker === 'kafka' && kafkaLibs === null)(`nothing is lost (${broker} broker) when`, () => {
    const bench = new Bench(broker)
    afterAll(() => bench.end())

    const short = cases.filter(({ only = broker, byHand }) => only === broker && byHand === undefined)
    test.for(short)('$about', async ({ name }) => {
      onTestFailed(() => bench.kill())
      const output = await bench.run(name)
      expect(output).toMatch(new RegExp(`^PASS ${name} `, 'm'))
      expect(output).not.toMatch(/^FAIL /m)
    })
  })
}
