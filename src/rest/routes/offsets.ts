import { RestError } from '../errors.ts'
import type { Herder, OffsetEntry } from '../herder.ts'
import { readOffsetsRequest } from '../json-body.ts'
import type { Route } from '../router.ts'
import { ok } from './answers.ts'

/** How far connectors have come, and changes of it by hand. */
export function offsetRoutes(herder: Herder): readonly Route[] {
  const path = '/connectors/{name}/offsets'
  return [
    {
      method: 'GET',
      path,
      async handle({ params }) {
        const offsets = await herder.connectorOffsets(params['name']!)
        return ok({ offsets: offsets.map(({ partition, offset }) => ({ partition, offset })) })
      },
    },
    {
      method: 'PATCH',
      path,
      async handle({ params, body }) {
        const offsets = readOffsetsRequest(body)
        if (offsets === null || offsets.length === 0) {
          throw new RestError(400, 'Partitions / offsets need to be provided for an alter offsets request')
        }
        return changed(
          'altered',
          await herder.alterConnectorOffsets(params['name']!, offsets as OffsetEntry[]),
        )
      },
    },
    {
      method: 'DELETE',
      path,
      async handle({ params }) {
        return changed('reset', await herder.resetConnectorOffsets(params['name']!))
      },
    },
  ]
}

function changed(what: 'altered' | 'reset', isChecked: boolean) {
  const message = isChecked
    ? `The offsets for this connector have been ${what} successfully`
    : `The Connect framework-managed offsets for this connector have been ${what} successfully. ` +
      'However, if this connector manages offsets externally, they will need to be manually ' +
      `${what} in the system that the connector uses.`
  return ok({ message })
}
