/**
 * DropHeaders removes every header that goes by one of the given names.
 *
 * Same settings and results as org.apache.kafka.connect.transforms.DropHeaders.
 */
import { configDef, defineTransform, list, nonEmpty } from '../index.ts'

export const dropHeaders = defineTransform({
  name: 'org.apache.kafka.connect.transforms.DropHeaders',
  doc: 'Removes one or more headers from each record.',
  config: configDef({
    headers: list({ importance: 'high', validate: nonEmpty, doc: 'The name of the headers to be removed.' }),
  }),
  create({ headers: names }) {
    return {
      apply(record) {
        let headers = record.headers
        for (const name of names) headers = headers.remove(name)
        return headers === record.headers ? record : record.with({ headers })
      },
    }
  },
})
