import { ErrorCode } from '../error-codes.ts'
import type { ResponseWriter } from '../response-writer.ts'
import type { Api } from './api.ts'

/**
 * ApiVersions tells a client what this broker takes. A client does not know yet what to expect: the response
 * header is always the old one, and a version that is too new is answered in the oldest layout, with the list.
 */
export function apiVersionsApi(apis: () => Iterable<Api>): Api {
  return {
    key: 18,
    name: 'ApiVersions',
    minVersion: 0,
    maxVersion: 3,
    flexibleFrom: 3,
    handle({ version, respond }) {
      const writer = respond(512)
      writeApiVersions(writer, { version, error: ErrorCode.NONE, apis: apis() })
      return writer
    },
  }
}

export function writeApiVersions(
  writer: ResponseWriter,
  { version, error, apis }: { version: number; error: ErrorCode; apis: Iterable<Api> },
): void {
  writer.int16(error)
  writer.array([...apis], (_, { key, minVersion, maxVersion }) => {
    writer.int16(key).int16(minVersion).int16(maxVersion).tags()
  })
  if (version >= 1) writer.int32(0)
  writer.tags()
}
