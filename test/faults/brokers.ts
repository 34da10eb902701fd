import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/free-port.ts'
import { ServerProcess } from '../support/server-process.ts'

/** A broker in a process of its own, that can be stopped, killed and started again on the same port and data. */
export interface FaultyBroker {
  readonly name: string
  readonly port: number
  readonly pid: number
  start(): Promise<void>
  /** Resolves when the process is gone. */
  stop(signal: NodeJS.Signals): Promise<void>
}

export async function openEmbeddedBroker(folder: string, env: NodeJS.ProcessEnv = {}): Promise<FaultyBroker> {
  return new EmbeddedBroker(folder, await freePort(), env)
}

class EmbeddedBroker implements FaultyBroker {
  readonly name = 'embedded broker'
  readonly port: number
  readonly #process: ServerProcess
  readonly #dataDir: string

  constructor(folder: string, port: number, env: NodeJS.ProcessEnv) {
    this.port = port
    this.#dataDir = join(folder, 'broker')
    this.#process = new ServerProcess(join(folder, 'broker.log'), env)
  }

  get pid(): number {
    return this.#process.pid
  }

  start(): Promise<void> {
    const main = fileURLToPath(new URL('./faults-broker.mjs', import.meta.url))
    return this.#process.run(process.execPath, [main, String(this.port), this.#dataDir], 'ready')
  }

  stop(signal: NodeJS.Signals): Promise<void> {
    return this.#process.stop(signal)
  }
}
