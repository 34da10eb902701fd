import { createServer, type Server } from 'node:http'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { configDef, defineSinkConnector, RetriableError, type SinkTask, string } from '../../src/index.ts'
import { freePort } from '../support/free-port.ts'
import { until } from '../support/until.ts'
import { workerInProcess } from '../support/worker-in-process.ts'

/** How long the sink's server is away; the full minute is for a look by hand. */
const outageMs = Number(process.env['TSCONNECT_OUTAGE_MS'] ?? 3000)

/** Posts every batch; `refuses` is what becomes of a lost connection. */
function httpSink(name: string, refuses: (error: unknown) => never) {
  return defineSinkConnector({
    name,
    config: configDef({ url: string({ importance: 'high', doc: 'Where to post.' }) }),
    startTask({ url }): SinkTask {
      return {
        async put(records) {
          if (records.length === 0) return
          const body = JSON.stringify(records.map(({ value }) => value.value))
          await fetch(url, { method: 'POST', body }).catch(refuses)
        },
      }
    },
  })
}

/** The sink's server: it can go away and come back on the same port. */
class Receiver {
  readonly port: number
  readonly got: string[] = []
  #server: Server | null = null

  static async open(): Promise<Receiver> {
    const receiver = new Receiver(await freePort())
    onTestFinished(() => receiver.leave())
    await receiver.comeBack()
    return receiver
  }

  private constructor(port: number) {
    this.port = port
  }

  async comeBack(): Promise<void> {
    const server = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      request.on('end', () => {
        this.got.push(...(JSON.parse(body) as string[]))
        response.end()
      })
    })
    this.#server = server
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve))
  }

  async leave(): Promise<void> {
    const server = this.#server
    this.#server = null
    server?.closeAllConnections()
    await new Promise((resolve) => (server === null ? resolve(null) : server.close(resolve)))
  }
}

const rethrow = (error: unknown): never => {
  throw error
}
const ask = (error: unknown): never => {
  throw new RetriableError('The receiver is away.', { cause: error })
}

describe('a sink whose server is away for a while', () => {
  for (const { how, refuses, fails } of [
    { how: 'fails with the lost connection', refuses: rethrow, fails: true },
    { how: 'asks to be given the batch again', refuses: ask, fails: false },
  ]) {
    test(
      `and that ${how} gets everything within 5 s of its return; nobody did anything`,
      { timeout: outageMs + 60_000 },
      async () => {
        const receiver = await Receiver.open()
        const { herder, taskStates, folder, url, lines } = await workerInProcess([
          httpSink('HttpSinkConnector', refuses),
        ])
        const input = join(folder, 'in.txt')
        const written: string[] = []
        const write = (count: number) => {
          const more = Array.from({ length: count }, (_, i) => `line ${written.length + i}`)
          written.push(...more)
          writeFileSync(input, more.map((line) => `${line}\n`).join(''), { flag: 'a' })
        }
        write(10)
        await herder.createConnector('in', {
          'name': 'in',
          'connector.class': 'FileStreamSource',
          'file': input,
          'topic': 't',
        })
        await herder.createConnector('out', {
          'name': 'out',
          'connector.class': 'HttpSinkConnector',
          'topics': 't',
          'url': `http://127.0.0.1:${receiver.port}/`,
        })
        await until(() => receiver.got.length === 10)

        await receiver.leave()
        const end = performance.now() + outageMs
        let mostRestarts = 0
        let seenFailed = false
        while (performance.now() < end) {
          write(5)
          seenFailed ||= taskStates('out')[0] === 'FAILED'
          mostRestarts = Math.max(mostRestarts, herder.connectorHealth('out')!.tasks[0]!.restarts)
          await new Promise((resolve) => setTimeout(resolve, 100))
        }
        expect(seenFailed, lines.join('')).toBe(fails)
        if (fails) {
          expect(mostRestarts).toBeGreaterThan(0)
          const health = await until(async () => {
            const answer = await fetch(`${url}/connectors/out/health`)
            const body = (await answer.json()) as { healthy: boolean; tasks: { state: string }[] }
            return body.tasks[0]!.state === 'FAILED' && body
          })
          expect(health).toMatchObject({
            healthy: false,
            tasks: [
              {
                last_error: {
                  class: 'org.apache.kafka.connect.errors.ConnectException',
                  message: expect.stringMatching(
                    /^Exiting WorkerSinkTask due to unrecoverable exception\.: fetch failed/,
                  ) as string,
                },
              },
            ],
          })
        }

        await receiver.comeBack()
        await until(() => new Set(receiver.got).size === written.length, {
          timeoutMs: 5000,
          what: lines.slice(-20).join(''),
        })
        expect([...new Set(receiver.got)]).toEqual(written)
        await until(() => taskStates('out')[0] === 'RUNNING')
      },
    )
  }
})
