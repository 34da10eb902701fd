import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cpuSeconds, memoryMb } from '../support/process-stats.ts'
import { until } from '../support/until.ts'

/** How the built worker is started. */
export const standalone: readonly [string, ...string[]] = [
  process.execPath,
  join(process.cwd(), 'bin/tsconnect-standalone.js'),
]

/** The worker that the faults happen to: a process that is started again and again with the same files. */
export class FaultyWorker {
  readonly #args: readonly string[]
  readonly #logFile: string
  readonly #env: NodeJS.ProcessEnv
  readonly #command: readonly string[]
  #child: ChildProcess | null = null
  #gone: Promise<number | null> = Promise.resolve(null)
  #sampler: NodeJS.Timeout | null = null
  /** Where in the log file the last start begins. */
  #logStart = 0
  /** The highest resident memory of any of its processes, in MB. */
  peakMb = 0

  /** `command`: what is started with these arguments, where it is not the built worker. */
  constructor(
    folder: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    command: readonly [string, ...string[]] = standalone,
  ) {
    this.#logFile = join(folder, 'worker.log')
    this.#args = args
    this.#env = env
    this.#command = command
  }

  get pid(): number {
    return this.#child?.pid ?? -1
  }

  get isRunning(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null
  }

  get log(): string {
    return readFileSync(this.#logFile, 'utf8')
  }

  /** What it has said since it was last started. */
  get logSinceStart(): string {
    return this.log.slice(this.#logStart)
  }

  start(): void {
    this.#logStart = existsSync(this.#logFile) ? this.log.length : 0
    const out = openSync(this.#logFile, 'a')
    const [program, ...before] = this.#command
    const child = spawn(program!, [...before, ...this.#args], {
      stdio: ['ignore', out, out],
      env: { ...process.env, ...this.#env },
    })
    closeSync(out)
    this.#child = child
    this.#gone = new Promise((resolve) => child.once('exit', (code) => resolve(code)))
    this.#sampler = setInterval(() => this.#sample(), 50)
  }

  async whenReady(): Promise<void> {
    await until(() => this.checkAlive() && this.log.includes('Kafka Connect started', this.#logStart), {
      what: 'the worker to be ready',
      everyMs: 2,
      timeoutMs: 60_000,
    })
  }

  /** Throws with the end of the log when the worker has ended by itself. */
  checkAlive(): true {
    if (!this.isRunning) throw new Error(`The worker ended by itself:\n${this.log.slice(-3000)}`)
    return true
  }

  signal(signal: NodeJS.Signals): void {
    this.#child!.kill(signal)
  }

  /** Resolves with the exit code when the process is gone. */
  async stop(signal: NodeJS.Signals): Promise<number | null> {
    this.#sample()
    if (this.#sampler !== null) clearInterval(this.#sampler)
    if (this.isRunning) this.signal(signal)
    const code = await this.#gone
    this.#child = null
    return code
  }

  /** Resolves with the exit code when it has ended by itself. */
  async ended(): Promise<number | null> {
    await until(() => !this.isRunning, { what: () => `the worker's end; it says\n${this.log.slice(-1500)}` })
    return this.stop('SIGKILL')
  }

  cpuSeconds(): number {
    return cpuSeconds(this.pid)
  }

  /** What it has read so far from files and connections. */
  readBytes(): number {
    return Number(/rchar: (\d+)/.exec(readFileSync(`/proc/${this.pid}/io`, 'utf8'))![1])
  }

  residentMb(): number {
    return memoryMb(this.pid, 'resident')
  }

  #sample(): void {
    try {
      this.peakMb = Math.max(this.peakMb, memoryMb(this.pid, 'peak'))
    } catch {
      // It is gone already.
    }
  }
}
