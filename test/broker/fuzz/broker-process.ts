import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { BrokerOptions } from '../../../src/broker/broker.ts'
import type { FromBroker, ToBroker } from './broker-main.ts'

type Usage = Extract<FromBroker, { type: 'usage' }>

/** A broker in a process of its own, so that its memory can be looked at and its death is noticed. */
export class BrokerProcess {
  readonly port: number
  /** Lines of its log that say ERROR. */
  readonly errors: string[]
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, port: number, errors: string[]) {
    this.#child = child
    this.port = port
    this.errors = errors
  }

  /** The program in one file: there is no TypeScript in a process of its own. */
  static async bundle(folder: string): Promise<string> {
    const main = join(folder, 'broker.mjs')
    await build({
      entryPoints: [fileURLToPath(new URL('./broker-main.ts', import.meta.url))],
      outfile: main,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'warning',
      banner: {
        js: `import { createRequire as _cr } from 'node:module'; const require = _cr(import.meta.url);`,
      },
    })
    return main
  }

  /** `heapMb`: its process ends where it needs more. */
  static async start(
    main: string,
    options: Omit<BrokerOptions, 'log'>,
    heapMb: number,
  ): Promise<BrokerProcess> {
    const child = fork(main, [JSON.stringify(options)], { execArgv: [`--max-old-space-size=${heapMb}`] })
    const errors: string[] = []
    child.on('message', (message: FromBroker) => {
      if (message.type === 'error') errors.push(message.line)
    })
    const { port } = await told(child, 'ready')
    return new BrokerProcess(child, port, errors)
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  async usage(): Promise<Usage> {
    this.#child.send({ type: 'usage' } satisfies ToBroker)
    return await told(this.#child, 'usage')
  }

  async close(): Promise<void> {
    this.#child.send({ type: 'close' } satisfies ToBroker)
    await told(this.#child, 'closed')
  }

  kill(): void {
    if (this.isAlive) this.#child.kill('SIGKILL')
  }
}

function told<T extends FromBroker['type']>(
  child: ChildProcess,
  type: T,
): Promise<Extract<FromBroker, { type: T }>> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: FromBroker) => {
      if (message.type !== type) return
      stop()
      resolve(message as Extract<FromBroker, { type: T }>)
    }
    const onExit = (code: number | null, signal: string | null) => {
      stop()
      reject(new Error(`The broker's process ended with ${signal ?? code} before it said '${type}'.`))
    }
    const stop = () => child.off('message', onMessage).off('exit', onExit)
    child.on('message', onMessage).on('exit', onExit)
  })
}
