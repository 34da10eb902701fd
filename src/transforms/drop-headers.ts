/**
 * DropHeaders removes every header that goes by one of the given names.
 *
 * Same settings and results as org.apache.kafka.connect.transforms.DropHeaders.
 */
import { configDef, defineTransform, list, nonEmpty } from '../index.ts'

export const dropHeaders = defineTransform({
  name: 'org.apache.kafka.connect.transforms.DropHeaders',
  doc: 'Takes headers away, all of a name.',
  config: configDef({
    headers: list({ importance: 'high', validate: nonEmpty, doc: 'Names of the headers that go.' }),
  }),
  create({ headers: names }) {
    return {
      isUniform: true,
      apply(record) {
        let headers = record.headers
        for (const name of names) headers = headers.remove(name)
        return headers === record.headers ? record : record.with({ headers })
      },
    }
  },
})
