import type { PredicatePlugin } from '../../src/api/transform.ts'
import { builtinPlugins } from '../../src/plugins/builtin.ts'
import { PluginRegistry } from '../../src/plugins/registry.ts'
import { transformsSuite } from '../../src/vectors/suites/transforms.ts'
import { note, page, settingsTable } from './markdown.ts'
import { exampleRecord, recordText } from './record-text.ts'
import { type Example, examples } from './transform-examples.ts'

type ExampleRecord = Omit<Example, 'settings'>

/** Records for which the predicates do not hold, with the settings of their examples. */
const others: Readonly<Record<string, ExampleRecord>> = {
  TopicNameMatches: { topic: 'late-orders-eu', value: 'x' },
  HasHeaderKey: { value: 'x', headers: [['Trace', 'abc']] },
  RecordIsTombstone: { value: '' },
}

/** `docs/reference/predicates.md`, out of the definitions; the examples are run. */
export async function predicatesPage(): Promise<string> {
  const sections = await Promise.all((await predicates()).map(section))
  return page(`# Predicates
${note}

A predicate says which records a [transform](transforms.md) sees. \`predicates\` lists aliases, \`predicates.<alias>.type\` names
the class and the predicate's own settings stand beside it. A transform refers to it with
\`transforms.<alias>.predicate=<alias>\`; with \`transforms.<alias>.negate=true\` it sees the records for which the predicate does
not hold. The others pass by unchanged. Patterns are Java's.

\`\`\`properties
transforms=drop
transforms.drop.type=Filter
transforms.drop.predicate=tombstone
predicates=tombstone
predicates.tombstone.type=RecordIsTombstone
\`\`\`

${sections.join('\n\n')}
`)
}

/** The names that have no example. */
export async function predicateWithoutExample(): Promise<readonly string[]> {
  return (await predicates()).map(simpleName).filter((name) => !(name in examples && name in others))
}

async function predicates(): Promise<readonly PredicatePlugin[]> {
  const entries = new PluginRegistry(builtinPlugins).entries().filter(({ kind }) => kind === 'predicate')
  return Promise.all(entries.map(async (entry) => (await entry.load()) as PredicatePlugin))
}

async function section(plugin: PredicatePlugin): Promise<string> {
  const example = examples[simpleName(plugin)]
  const notFor = others[simpleName(plugin)]
  return [
    `## ${simpleName(plugin)}`,
    `\`${plugin.name}\``,
    plugin.doc,
    settingsTable(plugin.config.fields),
    example && notFor && (await shown(plugin, example, notFor)),
  ]
    .filter((part) => part !== undefined)
    .join('\n\n')
}

async function shown(
  plugin: PredicatePlugin,
  { settings, ...holdsFor }: Example,
  notFor: ExampleRecord,
): Promise<string> {
  const own = { type: plugin.name, ...settings }
  const lines = Object.entries(own).map(([key, value]) => `predicates.p.${key}=${value}`)
  for (const [record, expected] of [
    [holdsFor, true],
    [notFor, false],
  ] as const) {
    if ((await holds(own, record)) === expected) continue
    throw new Error(`The example of ${plugin.name} is wrong: it ${expected ? 'does not hold' : 'holds'}.`)
  }
  const text = (record: ExampleRecord) => recordText(exampleRecord(record))
  return `\`\`\`properties\n${lines.join('\n')}\n\`\`\`\n\n\`\`\`text\nholds          ${text(holdsFor)}\ndoes not hold  ${text(notFor)}\n\`\`\``
}

/** As a connector runs it: the record is dropped if the predicate lets it through to Filter. */
async function holds(own: Readonly<Record<string, string>>, record: ExampleRecord): Promise<boolean> {
  const config = {
    'transforms': 't',
    'transforms.t.type': 'org.apache.kafka.connect.transforms.Filter',
    'transforms.t.predicate': 'p',
    'predicates': 'p',
    ...Object.fromEntries(Object.entries(own).map(([key, value]) => [`predicates.p.${key}`, value])),
  }
  const input = { kind: 'source', record: exampleRecord(record), config } as const
  const { dropped } = await transformsSuite.run(input, undefined as never)
  return dropped === true
}

function simpleName({ name }: PredicatePlugin): string {
  return name.slice(name.lastIndexOf('.') + 1)
}
