import { errorCodeOf, type Api } from './api.ts'

/** DeleteGroups removes groups without members, with their offsets. */
export const deleteGroupsApi: Api = {
  key: 42,
  name: 'DeleteGroups',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 2,
  async handle({ reader, respond }, broker) {
    const ids = reader.array(() => reader.string())
    const answers = ids.map((id) => {
      try {
        return { id, error: broker.groups.deleteGroup(id) }
      } catch (error) {
        return { id, error: errorCodeOf(error, broker) }
      }
    })
    await broker.syncMetadata()
    const writer = respond()
    writer.int32(0).array(answers, (_, { id, error }) => writer.string(id).int16(error).tags())
    return writer.tags()
  },
}
