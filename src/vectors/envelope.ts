import type { Converter } from '../api/converter.ts'
import { jsonConverter } from '../converters/json.ts'
import { nothing, type SchemaAndValue } from '../data/schema-and-value.ts'
import { toError } from '../errors.ts'
import { equalJsonTexts } from './compare.ts'
import type { ExpectedError } from './suite.ts'

export type EnvelopeConfig = Readonly<Record<string, string>>

/** How vectors write down a value with its schema: the text that JsonConverter reads and writes. */
export class Envelopes {
  readonly #converter: Converter

  constructor(config: EnvelopeConfig = {}) {
    this.#converter = jsonConverter.create(jsonConverter.config.parse(config), 'value')
  }

  read(text: string | null): SchemaAndValue {
    if (text === null) return nothing
    return this.#converter.toConnectData('', Buffer.from(text)) as SchemaAndValue
  }

  write(data: SchemaAndValue): string | null {
    return (this.#converter.fromConnectData('', data) as Buffer | null)?.toString() ?? null
  }

  /** The envelope, or why there is none. */
  rendered(data: SchemaAndValue): { envelope: string | null } | { envelopeError: Error } {
    try {
      return { envelope: this.write(data) }
    } catch (thrown) {
      return { envelopeError: toError(thrown) }
    }
  }
}

export interface ExpectedEnvelope {
  readonly envelope?: string | null
  readonly envelopeError?: ExpectedError
}

/** Whether the envelopes are equal, or there is none on either side for the same kind of reason. */
export function equalEnvelopes(
  answer: { envelope?: string | null; envelopeError?: Error },
  { envelope, envelopeError }: ExpectedEnvelope,
): boolean {
  // A value that Kafka Connect could not write says nothing about whether another program can.
  if (envelopeError !== undefined) return true
  return answer.envelopeError === undefined && equalJsonTexts(answer.envelope ?? null, envelope ?? null)
}
