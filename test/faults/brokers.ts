import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/free-port.ts'
import { type BrokerProcess, ServerProcess } from '../support/server-process.ts'

export async function openEmbeddedBroker(
  folder: string,
  env: NodeJS.ProcessEnv = {},
): Promise<BrokerProcess> {
  return new EmbeddedBroker(folder, await freePort(), env)
}

class EmbeddedBroker implements BrokerProcess {
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
