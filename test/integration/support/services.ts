import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** What `npm run test:integration` has found or started; null where it could not be had. */
export const kafkaBootstrap: string | null = process.env['TSCONNECT_KAFKA_BOOTSTRAP'] ?? null
export const kafkaLibs: string | null = process.env['TSCONNECT_KAFKA_LIBS'] ?? null
export const franzGo: string | null = process.env['TSCONNECT_FRANZ_GO'] ?? null
export const hasKcat: boolean = spawnSync('kcat', ['-V'], { stdio: 'ignore' }).error === undefined

/** A Java program out of Kafka's jars, gone when the test is over. */
export class JavaProcess {
  readonly #child: ChildProcess
  output = ''

  constructor(args: readonly string[], cwd?: string) {
    const log4j = new URL('./log4j2.xml', import.meta.url).pathname
    const java = ['-Xmx512m', '-cp', join(kafkaLibs!, '*'), `-Dlog4j2.configurationFile=${log4j}`]
    this.#child = spawn('java', [...java, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(cwd ? { cwd } : {}),
    })
    this.#child.stdout!.on('data', (chunk: Buffer) => (this.output += chunk.toString()))
    this.#child.stderr!.on('data', (chunk: Buffer) => (this.output += chunk.toString()))
    onTestFinished(() => void this.#child.kill('SIGKILL'))
  }

  whenExited(): Promise<number | null> {
    return new Promise((resolve) => this.#child.once('close', resolve))
  }

  async stop(): Promise<void> {
    const exited = this.whenExited()
    this.#child.kill('SIGTERM')
    await exited
  }
}

/** A name that no other test and no other run uses. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${process.pid}-${Math.random().toString(36).slice(2, 8)}`
}
