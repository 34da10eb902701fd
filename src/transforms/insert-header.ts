/**
 * InsertHeader adds a header with a fixed value to each record. What the value is, is inferred from its text.
 *
 * Same settings and results as org.apache.kafka.connect.transforms.InsertHeader.
 */
import { configDef, defineTransform, nonNull, string, Values } from '../index.ts'

export const insertHeader = defineTransform({
  name: 'org.apache.kafka.connect.transforms.InsertHeader',
  doc: 'Adds the same header to every record.',
  config: configDef({
    'header': string({ importance: 'high', validate: nonNull, doc: 'Name of the header.' }),
    'value.literal': string({
      importance: 'high',
      validate: nonNull,
      doc: 'Its value, as text; what looks like a number, a date, a list or a map becomes one.',
    }),
  }),
  create({ header, 'value.literal': literal }) {
    const value = Values.parseString(literal)
    return {
      isUniform: true,
      apply: (record) => record.with({ headers: record.headers.add(header, value) }),
    }
  },
})
