import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { recordText } from './numbered-records.ts'

/** The system that a sink posts numbered records to; it refuses what it is told to. */
export class Receiver {
  readonly #server: Server
  /** The texts that it took, in order. */
  readonly taken: string[] = []
  /** Asked for every request: the status to answer with. */
  answer: (texts: readonly string[]) => number = () => 200
  /** How many requests were refused. */
  refusals = 0

  static async open(): Promise<Receiver> {
    const receiver = new Receiver()
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve))
    return receiver
  }

  private constructor() {
    this.#server = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      request.on('end', () => {
        const texts = JSON.parse(body) as string[]
        const status = this.answer(texts)
        if (status === 200) this.taken.push(...texts)
        else this.refusals++
        response.writeHead(status).end()
      })
    })
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  /** Refuses with this status every batch that holds a record from number `from` on. */
  refuseFrom(from: number, status: number): void {
    const first = recordText(from)
    this.answer = (texts) => (texts.some((text) => text >= first) ? status : 200)
  }

  takeAll(): void {
    this.answer = () => 200
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }
}
