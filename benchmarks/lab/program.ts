import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { cpuSeconds, memoryMb } from './proc.ts'

/** The program that is measured, from its start on. */
export class Program {
  readonly startedAt = performance.now()
  readonly #child: ChildProcess
  readonly #exited: Promise<number | null>
  readonly #logFile: string
  readonly #command: string
  #hasEnded = false

  constructor([command, ...args]: readonly [string, ...string[]], logFile: string) {
    const log = openSync(logFile, 'w')
    this.#child = spawn(command, args, { stdio: ['ignore', log, log] })
    closeSync(log)
    this.#logFile = logFile
    this.#command = [command, ...args].join(' ').slice(0, 200)
    this.#exited = new Promise((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('exit', (code) => {
        this.#hasEnded = true
        resolve(code)
      })
    })
  }

  get cpuSeconds(): number {
    return cpuSeconds(this.#child.pid!)
  }

  get peakMb(): number {
    return memoryMb(this.#child.pid!, 'peak')
  }

  get residentMb(): number {
    return memoryMb(this.#child.pid!, 'resident')
  }

  get log(): string {
    return existsSync(this.#logFile) ? readFileSync(this.#logFile, 'utf8') : ''
  }

  /** Throws with the end of its log when it has ended by itself. */
  checkAlive(): void {
    if (this.#hasEnded) throw new Error(`It ended by itself: ${this.#command}\n${this.log.slice(-3000)}`)
  }

  /** Resolves when the process is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#hasEnded) return
    this.#child.kill(signal)
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), 30_000)
    await this.#exited
    clearTimeout(patience)
  }
}
