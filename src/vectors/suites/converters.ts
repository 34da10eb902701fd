import type { Converter, ConverterRole } from '../../api/converter.ts'
import type { SchemaAndValue } from '../../data/schema-and-value.ts'
import { builtinPlugins } from '../../plugins/builtin.ts'
import { PluginRegistry } from '../../plugins/registry.ts'
import { toError } from '../../errors.ts'
import { equalJsonTexts } from '../compare.ts'
import { Envelopes, equalEnvelopes, type EnvelopeConfig, type ExpectedEnvelope } from '../envelope.ts'
import type { ExpectedError, Suite } from '../suite.ts'

interface Input {
  readonly class: string
  readonly config: Readonly<Record<string, string>>
  readonly isKey: boolean
  readonly topic: string
  readonly direction: 'roundtrip' | 'from'
  readonly bytesBase64?: string | null
  readonly envelope?: string | null
  readonly envelopeConfig?: EnvelopeConfig
}

interface Expected extends ExpectedEnvelope {
  readonly bytesBase64?: string | null
  readonly bytesError?: ExpectedError
  readonly exact?: boolean
}

interface Answer {
  readonly envelope?: string | null
  readonly envelopeError?: Error
  readonly bytesBase64?: string | null
  readonly bytesError?: Error
}

const registry = new PluginRegistry(builtinPlugins)

/** Every converter in both directions. */
export const convertersSuite: Suite<Input, Expected, Answer> = {
  async run(input) {
    const converter = await createConverter(input)
    const envelopes = new Envelopes(input.envelopeConfig)
    if (input.direction === 'from') {
      return { bytesBase64: await toBytes(converter, input, envelopes.read(input.envelope ?? null)) }
    }
    const bytes = typeof input.bytesBase64 === 'string' ? Buffer.from(input.bytesBase64, 'base64') : null
    const data = await converter.toConnectData(input.topic, bytes)
    return { ...envelopes.rendered(data), ...(await rewritten(converter, input, data)) }
  },
  matches(answer, expected, input) {
    if (input.direction === 'roundtrip' && !equalEnvelopes(answer, expected)) return false
    if (expected.bytesError !== undefined) return answer.bytesError !== undefined
    return answer.bytesError === undefined && equalBytes(answer.bytesBase64 ?? null, expected)
  },
}

async function createConverter({ class: className, config, isKey }: Input): Promise<Converter> {
  const isHeader = className.endsWith('SimpleHeaderConverter')
  const plugin = await registry.plugin(isHeader ? 'header_converter' : 'converter', className)
  const role: ConverterRole = isHeader ? 'header' : isKey ? 'key' : 'value'
  return plugin.create(plugin.config.parse({ ...config, 'converter.type': role }), role)
}

async function rewritten(converter: Converter, input: Input, data: SchemaAndValue): Promise<Answer> {
  try {
    return { bytesBase64: await toBytes(converter, input, data) }
  } catch (thrown) {
    return { bytesError: toError(thrown) }
  }
}

async function toBytes(converter: Converter, { topic }: Input, data: SchemaAndValue): Promise<string | null> {
  return (await converter.fromConnectData(topic, data))?.toString('base64') ?? null
}

function equalBytes(answer: string | null, { bytesBase64 = null, exact }: Expected): boolean {
  if (answer === bytesBase64 || answer === null || bytesBase64 === null) return answer === bytesBase64
  if (exact !== false) return false
  return equalJsonTexts(
    Buffer.from(answer, 'base64').toString(),
    Buffer.from(bytesBase64, 'base64').toString(),
  )
}
