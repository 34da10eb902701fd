/**
 * InsertHeader adds a header with a fixed value to each record. What the value is, is inferred from its text.
 *
 * Same settings and results as org.apache.kafka.connect.transforms.InsertHeader.
 */
import { configDef, defineTransform, nonNull, string, Values } from '../index.ts'

export const insertHeader = defineTransform({
  name: 'org.apache.kafka.connect.transforms.InsertHeader',
  doc: 'Add a header to each record.',
  config: configDef({
    'header': string({ importance: 'high', validate: nonNull, doc: 'The name of the header.' }),
    'value.literal': string({
      importance: 'high',
      validate: nonNull,
      doc: 'The literal value that is to be set as the header value on all records.',
    }),
  }),
  create({ header, 'value.literal': literal }) {
    const value = Values.parseString(literal)
    return {
      apply: (record) => record.with({ headers: record.headers.add(header, value) }),
    }
  },
})
