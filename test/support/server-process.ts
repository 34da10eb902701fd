import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { until } from './until.ts'

/** A broker in a process of its own, that can be stopped, killed and started again on the same port and data. */
export interface BrokerProcess {
  readonly name: string
  readonly port: number
  readonly pid: number
  start(): Promise<void>
  /** Resolves when the process is gone. */
  stop(signal: NodeJS.Signals): Promise<void>
}

/** A server in a process of its own, whose log says when it is ready; it can be started again and again. */
export class ServerProcess {
  readonly logFile: string
  readonly #env: NodeJS.ProcessEnv
  #child: ChildProcess | null = null
  #gone: Promise<unknown> = Promise.resolve()

  constructor(logFile: string, env: NodeJS.ProcessEnv = {}) {
    this.logFile = logFile
    this.#env = env
  }

  get pid(): number {
    return this.#child?.pid ?? -1
  }

  /** Resolves when `started` is in the log. Rejects with the log's end when the process ends before that. */
  async run(command: string, args: readonly string[], started: string): Promise<void> {
    writeFileSync(this.logFile, '')
    const out = openSync(this.logFile, 'a')
    const child = spawn(command, args, { stdio: ['ignore', out, out], env: { ...process.env, ...this.#env } })
    closeSync(out)
    this.#child = child
    this.#gone = new Promise((resolve) => child.once('exit', resolve))
    const log = () => readFileSync(this.logFile, 'utf8')
    await until(
      () => {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`${command} ended:\n${log().slice(-2000)}`)
        return log().includes(started)
      },
      { what: `"${started}" from ${command}`, timeoutMs: 120_000, everyMs: 5 },
    )
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    this.#child?.kill(signal)
    await this.#gone
    this.#child = null
  }
}
