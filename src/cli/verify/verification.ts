import type { Props } from '../../api/plugin.ts'
import { ConfigError } from '../../errors.ts'
import type { KafkaClients } from '../../kafka/client.ts'
import { adminSettings, consumerSettings } from '../../runtime/client-settings.ts'
import type { Logger } from '../../util/logger.ts'
import { Comparison, type Compared } from './comparison.ts'
import { FileLines } from './file-lines.ts'
import type { LineReader } from './line.ts'
import { recordText } from './record-text.ts'
import { topicExtent, TopicLines, type RecordText, type TopicExtent } from './topic-lines.ts'

export type Role = 'source' | 'topic' | 'sink'

export interface Side {
  readonly role: Role
  /** The file, or the topic. */
  readonly name: string
  readonly partitions: number | null
  lines: number
  checksum: string
  /** Bytes behind the last line end of a file. */
  unfinished: number
}

export interface ComparedSides {
  readonly from: Role
  readonly to: Role
  readonly compared: Compared
  readonly agree: boolean
}

export interface Verification {
  readonly sides: readonly Side[]
  readonly comparisons: readonly ComparedSides[]
  readonly agree: boolean
}

export interface Wanted {
  readonly source: string | null
  readonly topic: string | null
  readonly sink: string | null
}

export interface VerificationDeps {
  readonly clients: () => Promise<KafkaClients>
  /** Of the worker file, with the brokers to ask. */
  readonly worker: Props
  readonly log: Logger
  readonly progress: (from: Role, to: Role, lines: number) => void
}

interface Opening extends Side {
  open(): Promise<LineReader & { readonly unfinished?: number }>
}

/** Compares each place with the next one that is wanted. Throws for what cannot be read. */
export async function verifyAgreement(wanted: Wanted, deps: VerificationDeps): Promise<Verification> {
  const sides: Opening[] = []
  if (wanted.source !== null) sides.push(fileSide('source', wanted.source))
  if (wanted.topic !== null) sides.push(await topicSide(wanted.topic, deps))
  if (wanted.sink !== null) sides.push(fileSide('sink', wanted.sink))
  // Both ends are looked at before much time is spent on the first.
  for (const side of sides) if (side.role !== 'topic') await (await side.open()).close()
  const comparisons: ComparedSides[] = []
  for (const [index, to] of sides.entries()) {
    const from = sides[index - 1]
    if (from !== undefined) comparisons.push(await compareSides(from, to, deps))
  }
  return { sides, comparisons, agree: comparisons.every(({ agree }) => agree) }
}

async function compareSides(from: Opening, to: Opening, deps: VerificationDeps): Promise<ComparedSides> {
  const reference = await from.open()
  try {
    const observed = await to.open()
    try {
      const compared = await new Comparison(reference).run(observed, (lines) =>
        deps.progress(from.role, to.role, lines),
      )
      Object.assign(from, totals(compared.reference, reference))
      Object.assign(to, totals(compared.observed, observed))
      const isSame = compared.first === null && from.lines === to.lines && from.checksum === to.checksum
      // Half a line at the end of what a sink wrote is one line too many.
      return {
        from: from.role,
        to: to.role,
        compared,
        agree: isSame && (to.role === 'topic' || to.unfinished === 0),
      }
    } finally {
      await observed.close()
    }
  } finally {
    await reference.close()
  }
}

function totals({ lines, checksum }: Compared['reference'], { unfinished = 0 }: { unfinished?: number }) {
  return { lines, checksum, unfinished }
}

function fileSide(role: 'source' | 'sink', name: string): Opening {
  const open = () => FileLines.open(name, role)
  return { role, name, partitions: null, lines: 0, checksum: '', unfinished: 0, open }
}

async function topicSide(topic: string, { clients, worker, log }: VerificationDeps): Promise<Opening> {
  const opened = await clients()
  // As sink tasks read.
  const settings = consumerSettings(worker, {}, { connector: 'tsconnect-verify', task: 0 })
  const access = { clients: opened, settings, log }
  const textOf: RecordText = await recordText(worker, log)
  const admin = opened.admin(adminSettings(worker, {}, 'tsconnect-verify'), log)
  let extent: TopicExtent | null
  try {
    extent = await topicExtent(admin, access, topic)
  } finally {
    await admin.close()
  }
  if (extent === null)
    throw new ConfigError(`There is no topic ${topic} at ${settings['bootstrap.servers']}.`)
  const known = extent
  const open = async () => new TopicLines(access, { topic, extent: known }, textOf)
  return {
    role: 'topic',
    name: topic,
    partitions: extent.length,
    lines: 0,
    checksum: '',
    unfinished: 0,
    open,
  }
}
