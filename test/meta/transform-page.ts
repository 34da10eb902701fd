import type { Fields } from '../../src/config/config-def.ts'
import type { PredicatePlugin, TransformPlugin } from '../../src/api/transform.ts'
import { builtinPlugins } from '../../src/plugins/builtin.ts'
import { PluginRegistry } from '../../src/plugins/registry.ts'
import { transformsSuite } from '../../src/vectors/suites/transforms.ts'
import { type Example, examples } from './transform-examples.ts'
import { note, page, settingsTable } from './markdown.ts'

type Plugin = TransformPlugin | PredicatePlugin

/** `docs/reference/transforms.md`, out of the definitions; the examples are run. */
export async function transformsPage(): Promise<string> {
  const transforms = await merged('transformation')
  const predicates = await merged('predicate')
  return page(`# Transforms and predicates
${note}

A transform is set by \`transforms.<alias>.type\`, its own settings below that prefix, and optionally
\`transforms.<alias>.predicate\` and \`transforms.<alias>.negate\`; a predicate by \`predicates.<alias>.type\` and its own
settings. Where two class names are given, one works on the key of a record and the other on its value; the examples
show the value. Patterns are Java's.

## Transforms

${(await Promise.all(transforms.map(section))).join('\n\n')}

## Predicates

${(await Promise.all(predicates.map(section))).join('\n\n')}
`)
}

/** The names that have no example. */
export async function withoutExample(): Promise<readonly string[]> {
  const all = [...(await merged('transformation')), ...(await merged('predicate'))]
  return all.map(({ title }) => title).filter((title) => !(title in examples))
}

interface Entry {
  readonly title: string
  readonly plugins: readonly Plugin[]
}

/** One entry for the two forms of a transform. */
async function merged(kind: 'transformation' | 'predicate'): Promise<readonly Entry[]> {
  const entries = new PluginRegistry(builtinPlugins).entries().filter((entry) => entry.kind === kind)
  const byTitle = new Map<string, Plugin[]>()
  for (const entry of entries) {
    const isKafkas = entry.name.startsWith('org.apache.kafka.')
    const own = entry.name.replace(/\$(?:Key|Value)$/, '')
    const title = isKafkas ? own.slice(own.lastIndexOf('.') + 1) : own
    byTitle.set(title, [...(byTitle.get(title) ?? []), (await entry.load()) as Plugin])
  }
  return [...byTitle]
    .map(([title, plugins]) => ({ title, plugins }))
    .sort((a, b) => (a.title < b.title ? -1 : 1))
}

async function section({ title, plugins }: Entry): Promise<string> {
  const [first] = plugins
  const names = plugins.map(({ name }) => `\`${name}\``).join(', ')
  const example = examples[title]
  return [
    `### ${title}`,
    names,
    first!.doc,
    settingsTable({ ...first!.config.fields, ...ownFields(first!) }),
    example === undefined ? undefined : await shown(first!, plugins.at(-1)!, example),
  ]
    .filter((part) => part !== undefined)
    .join('\n\n')
}

/** Settings that Kafka's plugin of that name does not have. */
function ownFields({ config }: Plugin): Fields {
  return 'ownFields' in config ? (config.ownFields as Fields) : {}
}

/** The example as a user would write it, with the record before and after. */
async function shown(first: Plugin, last: Plugin, example: Example): Promise<string> {
  const { kind } = first
  const prefix = kind === 'transform' ? 'transforms.t' : 'predicates.p'
  const lines = [`${prefix}.type=${last.name}`]
  for (const [key, value] of Object.entries(example.settings)) lines.push(`${prefix}.${key}=${value}`)
  const record = {
    topic: example.topic ?? 'orders',
    partition: 0,
    timestamp: example.timestamp ?? 0,
    key: example.key === undefined ? null : envelope(example.key),
    value: example.value === null ? null : envelope(example.value),
    headers: (example.headers ?? []).map(([key, value]) => ({ key, value: envelope(value) })),
  }
  const config =
    kind === 'transform'
      ? { transforms: 't', ...toConfig(lines) }
      : {
          'transforms': 't',
          'transforms.t.type': 'org.apache.kafka.connect.transforms.Filter',
          'transforms.t.predicate': 'p',
          'predicates': 'p',
          ...toConfig(lines),
        }
  const answer = await transformsSuite.run({ kind: 'source', record, config }, undefined as never)
  const dropped = kind === 'transform' ? 'the record is dropped' : 'the predicate is true'
  const after = answer.record === undefined ? dropped : text(answer.record)
  return `\`\`\`properties\n${lines.join('\n')}\n\`\`\`\n\n\`\`\`text\nbefore  ${text(record)}\nafter   ${after}\n\`\`\``
}

function toConfig(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
}

/** Plain JSON has no schema; what brings one is an envelope already. */
function envelope(value: unknown): string {
  const isEnvelope = typeof value === 'object' && value !== null && 'schema' in value && 'payload' in value
  return JSON.stringify(isEnvelope ? value : { schema: null, payload: value })
}

function text(record: {
  readonly topic: string
  readonly timestamp: number | null
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly { readonly key: string; readonly value: string | null }[]
}): string {
  const headers = record.headers.map(({ key, value }) => `${key}: ${payload(value)}`)
  return [
    `topic ${record.topic}`,
    ...(record.timestamp ? [`timestamp ${record.timestamp}`] : []),
    ...(record.key === null ? [] : [`key ${payload(record.key)}`]),
    `value ${payload(record.value)}`,
    ...(headers.length === 0 ? [] : [`headers ${headers.join(', ')}`]),
  ].join('  ')
}

/** The schema is shown only where it has a name. */
function payload(text: string | null): string {
  if (text === null) return 'null'
  const { schema, payload } = JSON.parse(text) as {
    schema: { name?: string; version?: number } | null
    payload: unknown
  }
  const name = schema?.name === undefined ? '' : ` (schema ${schema.name}, version ${schema.version})`
  return JSON.stringify(payload) + name
}
