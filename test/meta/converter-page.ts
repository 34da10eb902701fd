import type { Converter, ConverterPlugin } from '../../src/api/converter.ts'
import { builtinPlugins } from '../../src/plugins/builtin.ts'
import { PluginRegistry } from '../../src/plugins/registry.ts'
import { toError } from '../../src/errors.ts'
import { Envelopes } from '../../src/vectors/envelope.ts'
import { connectText } from './connect-text.ts'
import { type ConverterExample, converterExamples } from './converter-examples.ts'
import { note, page, settingsTable } from './markdown.ts'

/** `docs/reference/converters.md`, out of the definitions; the examples are run. */
export async function convertersPage(): Promise<string> {
  const sections = await Promise.all((await converters()).map(section))
  return page(`# Converters
${note}

A converter turns the values of Kafka Connect, which have a type and often a schema, into the bytes of a Kafka record, and
bytes into values. There is one for keys (\`key.converter\`), one for values (\`value.converter\`) and one for headers
(\`header.converter\`). Their settings stand below these names: \`value.converter.schemas.enable=false\`.

A connector that names a converter of its own has to bring that converter's settings, too: nothing is mixed with the
worker's. Setting only \`value.converter.schemas.enable\` for a connector changes nothing.

In the examples \`write\` is what a source does and \`read\` what a sink does. Behind a value stands its schema; bytes that
are no text are shown in hexadecimal. A record that cannot be written or read fails the task, unless \`errors.tolerance\` says
otherwise.

${sections.join('\n\n')}
`)
}

/** The names that have no example. */
export async function converterWithoutExample(): Promise<readonly string[]> {
  return (await converters())
    .map(({ name }) => simpleName(name))
    .filter((name) => !(name in converterExamples))
}

/** Each converter once, those of keys and values first. */
async function converters(): Promise<readonly ConverterPlugin[]> {
  const entries = new PluginRegistry(builtinPlugins).entries()
  const byName = new Map<string, ConverterPlugin>()
  for (const kind of ['converter', 'header_converter']) {
    for (const entry of entries.filter((each) => each.kind === kind)) {
      const plugin = (await entry.load()) as ConverterPlugin
      byName.set(plugin.name, plugin)
    }
  }
  return [...byName.values()]
}

async function section(plugin: ConverterPlugin): Promise<string> {
  const { name, doc, roles, config } = plugin
  const headersOnly = roles.every((role) => role === 'header')
  const examples = await Promise.all(
    (converterExamples[simpleName(name)] ?? []).map((each) => shown(plugin, each)),
  )
  return [
    `## ${simpleName(name)}`,
    `\`${name}\``,
    `${doc} ${headersOnly ? 'For headers only.' : 'For keys, values and headers.'}`,
    settingsTable(config.fields),
    ...examples,
  ].join('\n\n')
}

async function shown(plugin: ConverterPlugin, example: ConverterExample): Promise<string> {
  const { about, settings, write = [], read = [] } = example
  const role = plugin.roles.includes('value') ? 'value' : 'header'
  const converter = plugin.create(plugin.config.parse({ ...settings, 'converter.type': role }), role)
  const file = [`${role}.converter=${plugin.name}`]
  for (const [key, value] of Object.entries(settings)) file.push(`${role}.converter.${key}=${value}`)
  const lines = [
    ...(await Promise.all(write.map((value) => written(converter, value)))),
    ...(await Promise.all(read.map((bytes) => readBack(converter, bytes)))),
  ]
  return `${about}\n\n\`\`\`properties\n${file.join('\n')}\n\`\`\`\n\n\`\`\`text\n${lines.join('\n')}\n\`\`\``
}

/** Nulls stay what they are until the converter of the example sees them. */
const asIs = new Envelopes({ 'replace.null.with.default': 'false' })

async function written(converter: Converter, value: unknown): Promise<string> {
  const envelope =
    typeof value === 'object' && value !== null && 'schema' in value
      ? value
      : { schema: null, ...(value as object) }
  const data = asIs.read(JSON.stringify(envelope))
  return `write  ${connectText(data)}  ->  ${await outcome(async () => bytesText(await converter.fromConnectData('t', data)))}`
}

async function readBack(converter: Converter, given: string | { readonly hex: string }): Promise<string> {
  const bytes = typeof given === 'string' ? Buffer.from(given) : Buffer.from(given.hex, 'hex')
  return `read   ${bytesText(bytes)}  ->  ${await outcome(async () => connectText(await converter.toConnectData('t', bytes)))}`
}

async function outcome(step: () => Promise<string>): Promise<string> {
  try {
    return await step()
  } catch (thrown) {
    const { message, cause } = toError(thrown)
    // Java's texts that end so leave the reason to the cause.
    const reason = message.endsWith(': ') && cause instanceof Error ? cause.message : ''
    return `fails: ${message}${reason}`.trimEnd()
  }
}

/** Text where it can be read as such. */
function bytesText(bytes: Buffer | null): string {
  if (bytes === null) return 'null'
  if (bytes.length === 0) return '(no bytes)'
  const text = bytes.toString('utf8')
  const isText = Buffer.from(text).equals(bytes) && !/\p{Cc}/u.test(text)
  return isText ? text : bytes.toString('hex').replace(/..(?=.)/g, '$& ')
}

function simpleName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}
