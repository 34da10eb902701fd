import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { cpuSeconds, memoryMb } from '../../test/support/process-stats.ts'

export interface ProgramOptions {
  readonly endsByItself?: boolean
  /** The file that gets what it writes to its standard output; left out: the log. */
  readonly output?: string
  readonly env?: Readonly<Record<string, string>>
}

/** The program that is measured, from its start on. */
export class Program {
  readonly startedAt = performance.now()
  readonly #child: ChildProcess
  readonly #exited: Promise<number | null>
  readonly #logFile: string
  readonly #command: string
  readonly #endsByItself: boolean
  #hasEnded = false
  #exitCode: number | null = null
  /** As they were when it was last looked at: a program that has ended shows none any more. */
  #cpuSeconds = 0
  #peakMb = 0

  constructor(
    [command, ...args]: readonly [string, ...string[]],
    logFile: string,
    { endsByItself = false, output, env = {} }: ProgramOptions = {},
  ) {
    const log = openSync(logFile, 'w')
    const out = output === undefined ? log : openSync(output, 'w')
    this.#child = spawn(command, args, { stdio: ['ignore', out, log], env: { ...process.env, ...env } })
    closeSync(log)
    if (out !== log) closeSync(out)
    this.#logFile = logFile
    this.#endsByItself = endsByItself
    this.#command = [command, ...args].join(' ').slice(0, 200)
    this.#exited = new Promise((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('exit', (code) => {
        this.#hasEnded = true
        this.#exitCode = code
        resolve(code)
      })
    })
  }

  get cpuSeconds(): number {
    this.#look()
    return this.#cpuSeconds
  }

  get peakMb(): number {
    this.#look()
    return this.#peakMb
  }

  get residentMb(): number {
    return memoryMb(this.#child.pid!, 'resident')
  }

  get log(): string {
    return existsSync(this.#logFile) ? readFileSync(this.#logFile, 'utf8') : ''
  }

  /** Throws with the end of its log when it has ended and should not have, or has failed. */
  checkAlive(): void {
    if (this.#hasEnded && !(this.#endsByItself && this.#exitCode === 0))
      throw new Error(`It ended by itself: ${this.#command}\n${this.log.slice(-3000)}`)
  }

  /** Resolves when the process is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#hasEnded) return
    this.#child.kill(signal)
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), 30_000)
    await this.#exited
    clearTimeout(patience)
  }

  #look(): void {
    try {
      this.#cpuSeconds = cpuSeconds(this.#child.pid!)
      this.#peakMb = memoryMb(this.#child.pid!, 'peak')
    } catch {
      // It has just ended.
    }
  }
}
