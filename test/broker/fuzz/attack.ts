import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { allApisWithLogin } from '../../../src/broker/apis/all-apis.ts'
import { seeded } from '../../faults/random.ts'
import { mutated, type Random } from './mutations.ts'
import { readAnswer } from './responses.ts'
import type { Template } from './requests.ts'

export interface AttackOptions {
  readonly port: number
  readonly maxRequestBytes: number
  readonly seed: number
  readonly templates: readonly Template[]
  /** Where clients have to log in: what half of the connections begin with. */
  readonly login?: readonly Template[]
}

/** What became of the requests of one or many connections. */
export interface Outcome {
  sent: number
  /** Those that the broker has looked at: behind one that ends the connection nothing is read. */
  reached: number
  answered: number
  /** Connections that the broker closed. */
  closed: number
  /** Requests that wait rightly: Fetch, JoinGroup and SyncGroup may. */
  parked: number
}

/** All that one connection sends, made from a seed and a number alone. */
interface Case {
  readonly writes: readonly Buffer[]
  readonly requests: number
  readonly expected: readonly Sent[]
  readonly mustClose: boolean
  readonly description: string
}

interface Sent {
  readonly key: number
  readonly version: number
  readonly correlationId: number
}

const parkingKeys = new Set([1, 11, 14])
const patienceMs = 10_000
const parkedMs = 30

/** Runs the connections from one number to another, some at a time. Throws for the first one that goes wrong. */
export async function attack(options: AttackOptions, from: number, to: number, lanes = 8): Promise<Outcome> {
  const total: Outcome = { sent: 0, reached: 0, answered: 0, closed: 0, parked: 0 }
  let next = from
  const lane = async () => {
    while (next < to) {
      const outcome = await attackOnce(options, next++)
      for (const key of Object.keys(total) as (keyof Outcome)[]) total[key] += outcome[key]
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return total
}

/** One connection; what goes wrong is told with all that is needed to do it again. */
export async function attackOnce(options: AttackOptions, number: number): Promise<Outcome> {
  const attacked = makeCase(options, number)
  try {
    return await run(attacked, options)
  } catch (error) {
    throw new Error(
      `Seed ${options.seed}, connection ${number} (${attacked.description}): ${(error as Error).message}\n` +
        attacked.writes.map((bytes) => bytes.subarray(0, 400).toString('hex')).join('\n'),
      { cause: error },
    )
  }
}

function makeCase({ seed, templates, maxRequestBytes, login = [] }: AttackOptions, number: number): Case {
  const numbers = seeded(Math.imul(seed, 0x9e3779b1) + number)
  const random: Random = (below) => Math.floor(numbers() * below)
  const frames: Buffer[] = []
  const descriptions: string[] = []
  for (const { frame } of random(2) === 0 ? login : [])
    frames.push(numbered(Buffer.from(frame), frames.length + 1))
  for (let left = 1 + random(6); left > 0; left--) {
    const template = templates[random(templates.length)]!
    const { frame, names } = mutated(template, random, { others: templates, isLast: left === 1 })
    frames.push(numbered(frame, frames.length + 1))
    descriptions.push([`${template.name} v${template.version}`, ...names].join(' '))
    // What waits keeps the others from being looked at.
    if (template.key === 11 || template.key === 14) break
  }
  const bytes = Buffer.concat(frames)
  return {
    writes: torn(frames, bytes, random),
    requests: frames.length,
    ...expectedOf(bytes, maxRequestBytes),
    description: descriptions.join(', '),
  }
}

function numbered(frame: Buffer, correlationId: number): Buffer {
  if (frame.length >= 12) frame.writeInt32BE(correlationId, 8)
  return frame
}

function torn(frames: readonly Buffer[], bytes: Buffer, random: Random): readonly Buffer[] {
  const how = random(4)
  if (how < 2) return [bytes]
  if (how === 2) return frames
  const writes: Buffer[] = []
  let at = 0
  for (let left = random(8); left > 0 && at < bytes.length; left--) {
    const end = at + 1 + random(Math.min(bytes.length - at, random(2) === 0 ? 5 : 10_000))
    writes.push(bytes.subarray(at, end))
    at = end
  }
  if (at < bytes.length) writes.push(bytes.subarray(at))
  return writes
}

/** The frames in a stream of bytes, as a reader of lengths has to see them. */
function expectedOf(bytes: Buffer, maxRequestBytes: number): { expected: Sent[]; mustClose: boolean } {
  const expected: Sent[] = []
  for (let at = 0; at + 4 <= bytes.length;) {
    const size = bytes.readInt32BE(at)
    if (size < 0 || size > maxRequestBytes) return { expected, mustClose: true }
    if (at + 4 + size > bytes.length) break
    if (size < 8) return { expected, mustClose: true }
    expected.push({
      key: bytes.readInt16BE(at + 4),
      version: bytes.readInt16BE(at + 6),
      correlationId: bytes.readInt32BE(at + 8),
    })
    at += 4 + size
  }
  return { expected, mustClose: false }
}

async function run(attacked: Case, options: AttackOptions): Promise<Outcome> {
  const socket = await connected(options.port)
  const answers = new Answers(attacked, options.login !== undefined)
  let isClosed = false
  let failure: unknown = null
  let wake: () => void = () => {}
  socket.on('data', (chunk: Buffer) => {
    try {
      answers.take(chunk)
    } catch (error) {
      failure ??= error
    }
    wake()
  })
  socket.on('close', () => {
    isClosed = true
    wake()
  })
  for (const bytes of attacked.writes) {
    if (isClosed) break
    socket.write(bytes)
    if (attacked.writes.length > 1) await delay(0)
  }
  const deadline = performance.now() + patienceMs
  let since = performance.now()
  let seen = 0
  for (;;) {
    if (failure !== null) break
    if (isClosed || (answers.isComplete && !attacked.mustClose)) break
    const waits = answers.next
    if (answers.count !== seen) [since, seen] = [performance.now(), answers.count]
    if (waits !== undefined && parkingKeys.has(waits.key) && performance.now() - since > parkedMs) break
    if (performance.now() > deadline) {
      const what =
        waits === undefined
          ? 'did not close the connection'
          : `did not answer API ${waits.key} v${waits.version}`
      failure = new Error(`The broker ${what} within ${patienceMs} ms.`)
      break
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 10)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
  const closed = isClosed ? 1 : 0
  const parked = isClosed || answers.isComplete ? 0 : 1
  const outcome = {
    sent: attacked.requests,
    reached: answers.count + closed + parked,
    answered: answers.count,
    closed,
    parked,
  }
  socket.resetAndDestroy()
  if (failure !== null) throw failure instanceof Error ? failure : new Error(String(failure))
  return outcome
}

/** The answers on one connection: each has to be that of the next request. */
class Answers {
  count = 0
  readonly #expected: Sent[]
  readonly #hasLogin: boolean
  #bytes: Buffer = Buffer.alloc(0)
  #isBare = false

  constructor({ expected }: Case, hasLogin: boolean) {
    this.#expected = [...expected]
    this.#hasLogin = hasLogin
  }

  get next(): Sent | undefined {
    return this.#expected[0]
  }

  get isComplete(): boolean {
    // With acks=0 there is no answer.
    return this.#expected.every(({ key }) => key === 0) && this.#bytes.length === 0
  }

  take(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    while (this.#bytes.length >= 4) {
      const size = this.#bytes.readInt32BE(0)
      if (size < 0) throw new Error(`An answer of ${size} bytes came.`)
      if (this.#bytes.length < 4 + size) return
      this.#check(this.#bytes.subarray(4, 4 + size))
      this.#bytes = this.#bytes.subarray(4 + size)
      this.count++
    }
  }

  #check(frame: Buffer): void {
    if (this.#isBare) {
      this.#expected.shift()
      return
    }
    const correlationId = frame.readInt32BE(0)
    while (this.#expected[0]?.key === 0 && this.#expected[0].correlationId !== correlationId)
      this.#expected.shift()
    const request = this.#expected.shift()
    if (request?.correlationId !== correlationId) {
      throw new Error(`Answer ${correlationId} came, expected was ${request?.correlationId ?? 'none'}.`)
    }
    const { key, version } = request
    const flexibleFrom = allApisWithLogin.get(key)?.flexibleFrom ?? Infinity
    try {
      readAnswer(frame, { key, version, flexible: version >= flexibleFrom })
    } catch (error) {
      throw new Error(
        `The answer to API ${key} v${version} cannot be read: ${(error as Error).message} ${frame.subarray(0, 200).toString('hex')}`,
        { cause: error },
      )
    }
    if (this.#hasLogin && key === 17 && version === 0 && frame.readInt16BE(4) === 0) this.#isBare = true
  }
}

async function connected(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  socket.removeAllListeners('error')
  socket.on('error', () => {})
  return socket
}
