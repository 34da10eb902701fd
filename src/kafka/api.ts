import type { WireReader } from '../protocol/wire-reader.ts'
import type { WireWriter } from '../protocol/wire-writer.ts'

/**
 * One of Kafka's APIs, in the versions that we speak: `encode` and `decode` are told the version that was
 * agreed on. From version `flexibleFrom` on, headers and bodies carry tagged fields (KIP-482).
 */
export interface Api<Request, Response> {
  readonly key: number
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
  readonly flexibleFrom?: number
  encode(writer: WireWriter, request: Request, version: number): void
  decode(reader: WireReader, version: number): Response
}

export interface VersionRange {
  readonly minVersion: number
  readonly maxVersion: number
}
