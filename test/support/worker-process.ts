import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { propertiesText } from './properties-text.ts'
import { until } from './until.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
export const launcher = join(root, 'bin/tsconnect-standalone.js')

/** A worker as users start it: a process of its own, from the built files. */
export class WorkerProcess {
  readonly #child: ChildProcess
  readonly #exit: Promise<number>
  output = ''
  stdout = ''

  static start(
    args: readonly string[],
    options: { cwd?: string; env?: NodeJS.ProcessEnv; stdin?: 'ignore' | 'pipe'; uid?: number } = {},
  ): WorkerProcess {
    return new WorkerProcess(args, options)
  }

  private constructor(
    args: readonly string[],
    { cwd, env, stdin = 'ignore', uid }: Parameters<typeof WorkerProcess.start>[1] & object,
  ) {
    if (!existsSync(join(root, 'dist/.built'))) throw new Error('dist/ is missing: npm test builds it.')
    this.#child = spawn(process.execPath, [launcher, ...args], {
      cwd: cwd ?? process.cwd(),
      env: { ...process.env, ...env },
      stdio: [stdin, 'pipe', 'pipe'],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    })
    this.#child.stderr!.on('data', (chunk: Buffer) => (this.output += chunk.toString()))
    this.#child.stdout!.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()))
    this.#exit = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 128)))
    })
    onTestFinished(async () => {
      this.#child.kill('SIGKILL')
      await this.#exit
    })
  }

  get pid(): number {
    return this.#child.pid!
  }

  get stdin(): NodeJS.WritableStream {
    return this.#child.stdin!
  }

  get stdoutStream(): Readable {
    return this.#child.stdout!
  }

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  async whenOutput(pattern: RegExp, timeoutMs = 30_000): Promise<RegExpExecArray> {
    return until(
      () => {
        const match = pattern.exec(this.output)
        if (match === null && this.hasExited) throw new Error(`The worker ended:\n${this.output}`)
        return match
      },
      { what: `${String(pattern)} in:\n${this.output}`, timeoutMs },
    )
  }

  async whenReady(): Promise<void> {
    await this.whenOutput(/Kafka Connect started/)
  }

  /** Sends the signal and resolves with the exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    this.#child.kill(signal)
    return this.#exit
  }

  whenExited(): Promise<number> {
    return this.#exit
  }
}

/** Writes a properties file and returns its path. */
export function propertiesFile(
  folder: string,
  name: string,
  settings: Readonly<Record<string, string | number>>,
): string {
  const path = join(folder, name)
  writeFileSync(path, propertiesText(settings))
  return path
}

/** A worker file with string converters and everything below `folder`. */
export function workerFile(
  folder: string,
  {
    bootstrap,
    restPort,
    ...settings
  }: { bootstrap: string; restPort: number } & Record<string, string | number>,
): string {
  return propertiesFile(folder, 'worker.properties', {
    'bootstrap.servers': bootstrap,
    'listeners': `http://127.0.0.1:${restPort}`,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'offset.storage.file.filename': join(folder, 'connect.offsets'),
    ...settings,
  })
}
