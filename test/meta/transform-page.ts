import type { TransformPlugin } from '../../src/api/transform.ts'
import { builtinPlugins } from '../../src/plugins/builtin.ts'
import { PluginRegistry } from '../../src/plugins/registry.ts'
import { transformsSuite } from '../../src/vectors/suites/transforms.ts'
import { type Example, examples } from './transform-examples.ts'
import { note, page, settingsTable } from './markdown.ts'
import { exampleRecord, recordText } from './record-text.ts'

/** `docs/reference/transforms.md`, out of the definitions; the examples are run. */
export async function transformsPage(): Promise<string> {
  const sections = await Promise.all((await merged()).map(section))
  return page(`# Transforms
${note}

A transform is set by \`transforms.<alias>.type\`, its own settings below that prefix, and optionally
\`transforms.<alias>.predicate\` and \`transforms.<alias>.negate\`: a [predicate](predicates.md) says which records it sees.
\`transforms\` lists the aliases in the order in which records go through them. Where two class names are given, one works on
the key of a record and the other on its value; the examples show the value. Patterns are Java's.

${sections.join('\n\n')}
`)
}

/** The names that have no example. */
export async function withoutExample(): Promise<readonly string[]> {
  return (await merged()).map(({ title }) => title).filter((title) => !(title in examples))
}

interface Entry {
  readonly title: string
  readonly plugins: readonly TransformPlugin[]
}

/** One entry for the two forms of a transform. */
async function merged(): Promise<readonly Entry[]> {
  const entries = new PluginRegistry(builtinPlugins).entries().filter(({ kind }) => kind === 'transformation')
  const byTitle = new Map<string, TransformPlugin[]>()
  for (const entry of entries) {
    const isKafkas = entry.name.startsWith('org.apache.kafka.')
    const own = entry.name.replace(/\$(?:Key|Value)$/, '')
    const title = isKafkas ? own.slice(own.lastIndexOf('.') + 1) : own
    byTitle.set(title, [...(byTitle.get(title) ?? []), (await entry.load()) as TransformPlugin])
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
    `## ${title}`,
    names,
    first!.doc,
    settingsTable({ ...first!.config.fields, ...first!.config.ownFields }),
    example === undefined ? undefined : await shown(plugins.at(-1)!, example),
  ]
    .filter((part) => part !== undefined)
    .join('\n\n')
}

/** The example as a user would write it, with the record before and after. */
async function shown(plugin: TransformPlugin, example: Example): Promise<string> {
  const settings = { type: plugin.name, ...example.settings }
  const lines = Object.entries(settings).map(([key, value]) => `transforms.t.${key}=${value}`)
  const config = Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [`transforms.t.${key}`, value]),
  )
  const record = exampleRecord(example)
  const input = { kind: 'source', record, config: { transforms: 't', ...config } } as const
  const answer = await transformsSuite.run(input, undefined as never)
  const after = answer.record === undefined ? 'the record is dropped' : recordText(answer.record)
  return `\`\`\`properties\n${lines.join('\n')}\n\`\`\`\n\n\`\`\`text\nbefore  ${recordText(record)}\nafter   ${after}\n\`\`\``
}
