import { ErrorCode } from '../error-codes.ts'
import type { Api } from './api.ts'

/** FindCoordinator: the only broker coordinates every group. */
export const findCoordinatorApi: Api = {
  key: 10,
  name: 'FindCoordinator',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 3,
  handle({ version, reader, respond }, { nodeId, advertisedHost, advertisedPort }) {
    const key = version <= 3 ? reader.string() : ''
    if (version >= 1) reader.int8()
    const keys = version >= 4 ? reader.array(() => reader.string()) : [key]
    const writer = respond()
    if (version >= 1) writer.int32(0)
    if (version <= 3) {
      writer.int16(ErrorCode.NONE)
      if (version >= 1) writer.nullableString(null)
      return writer.int32(nodeId).string(advertisedHost).int32(advertisedPort).tags()
    }
    writer.array(keys, (_, coordinated) => {
      writer.string(coordinated).int32(nodeId).string(advertisedHost).int32(advertisedPort)
      writer.int16(ErrorCode.NONE).nullableString(null).tags()
    })
    return writer.tags()
  },
}
