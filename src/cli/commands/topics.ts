import type { CommandIo } from '../kafka/io.ts'
import { checkTopic, type ClientOptions, extentOf, inSession } from '../kafka/session.ts'
import { printRows } from '../kafka/table.ts'
import { UsageError } from '../kafka/usage-error.ts'

export interface TopicsOptions extends ClientOptions {
  readonly json?: boolean
}

export async function listTopics(options: TopicsOptions, io: CommandIo): Promise<number> {
  return inSession('topics', options, io, () => async ({ admin }) => {
    const counts = await admin.describeTopics(await admin.listTopics())
    const rows = [...counts].map(([topic, partitions]) => ({ topic, partitions }))
    rows.sort((a, b) => (a.topic < b.topic ? -1 : 1))
    await printRows(rows, io.stdout, options)
    if (rows.length === 0 && io.stdout.isTerminal) io.say('There are no topics.')
    return 0
  })
}

/** The partitions of a topic with what they hold, and its configuration. */
export async function describeTopic(topic: string, options: TopicsOptions, io: CommandIo): Promise<number> {
  return inSession('topics', options, io, () => async (session) => {
    const { admin } = session
    await checkTopic(session, topic)
    const extent = await extentOf(session, topic)
    const configs = [...(await admin.describeTopicConfigs(topic))].sort(([a], [b]) => (a < b ? -1 : 1))
    if (options.json === true) {
      const partitions = extent.map(({ start, end }, partition) => ({ partition, start, end }))
      const described = { topic, partitions, configs: Object.fromEntries(configs) }
      await io.stdout.write(`${JSON.stringify(described)}\n`)
      return 0
    }
    await printRows(
      extent.map(({ start, end }, partition) => ({ topic, partition, start, end, offsets: end - start })),
      io.stdout,
    )
    if (!io.stdout.isTerminal) return 0
    await io.stdout.write('\n')
    await printRows(
      configs.map(([config, value]) => ({ config, value })),
      io.stdout,
    )
    return 0
  })
}

export interface NewTopicOptions extends TopicsOptions {
  readonly partitions?: string
  readonly replicationFactor?: string
  readonly config?: readonly string[]
}

export async function createTopic(name: string, options: NewTopicOptions, io: CommandIo): Promise<number> {
  return inSession('topics', options, io, () => {
    const topic = {
      name,
      partitions: countOf('--partitions', options.partitions),
      replicationFactor: countOf('--replication-factor', options.replicationFactor),
      configs: Object.fromEntries((options.config ?? []).map(keyAndValue)),
    }
    return async ({ admin }) => {
      const isNew = await admin.createTopic(topic)
      io.say(isNew ? `Topic ${name} was created.` : `There is a topic ${name} already. Nothing was changed.`)
      return isNew ? 0 : 1
    }
  })
}

export async function deleteTopics(
  topics: readonly string[],
  { yes = false, ...options }: TopicsOptions & { readonly yes?: boolean },
  io: CommandIo,
): Promise<number> {
  return inSession('topics', options, io, () => async (session) => {
    const known = await session.admin.describeTopics(topics)
    const missing = topics.filter((topic) => !known.has(topic))
    if (missing.length > 0) throw new UsageError(`There is no topic ${missing.join(', ')}.`)
    if (!yes) {
      const what = topics.length === 1 ? `Topic ${topics[0]}` : `The topics ${topics.join(', ')}`
      throw new UsageError(`${what} would be deleted, with all records. Nothing was done: --yes does it.`)
    }
    for (const topic of topics) {
      await session.admin.deleteTopic(topic)
      io.say(`Topic ${topic} was deleted.`)
    }
    return 0
  })
}

/** -1: as the broker has it. */
function countOf(option: string, text: string | undefined): number {
  if (text === undefined) return -1
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new UsageError(`${option} ${text} is not understood. It takes a number from 1.`)
}

function keyAndValue(text: string): [key: string, value: string] {
  const at = text.indexOf('=')
  if (at < 1) throw new UsageError(`--config ${text} is not understood. It takes key=value.`)
  return [text.slice(0, at), text.slice(at + 1)]
}
