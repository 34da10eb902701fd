/**
 * What makes, drops or refuses records without a value.
 *
 * Same settings and results as io.confluent.connect.transforms.TombstoneHandler (after its public documentation),
 * io.aiven.kafka.connect.transforms.TombstoneHandler and io.aiven.kafka.connect.transforms.MakeTombstone.
 */
import {
  configDef,
  DataError,
  defineTransform,
  nothing,
  oneOf,
  oneOfIgnoringCase,
  string,
  type Transform,
} from '../../index.ts'

export const confluentTombstoneHandler = defineTransform({
  name: 'io.confluent.connect.transforms.TombstoneHandler',
  doc: 'Drops or refuses records without a value.',
  config: configDef({
    behavior: string({
      importance: 'medium',
      default: 'warn',
      validate: oneOf('warn', 'ignore', 'fail'),
      doc: 'What happens to a record without a value: warn and ignore drop it, fail is a data error. Neither of the two logs anything here.',
    }),
  }),
  create: ({ behavior }) => handler(behavior),
})

export const aivenTombstoneHandler = defineTransform({
  name: 'io.aiven.kafka.connect.transforms.TombstoneHandler',
  doc: 'Drops or refuses records without a value.',
  config: configDef({
    behavior: string({
      importance: 'high',
      validate: oneOfIgnoringCase('drop_silent', 'drop_warn', 'fail'),
      doc: 'What happens to a record without a value: drop_silent and drop_warn drop it, fail is a data error. Neither of the two logs anything here.',
    }),
  }),
  create: ({ behavior }) => handler(behavior.toLowerCase()),
})

export const makeTombstone = defineTransform({
  name: 'io.aiven.kafka.connect.transforms.MakeTombstone',
  doc: 'Takes the value and its schema away from a record.',
  config: configDef({}),
  create: () => ({ apply: (record) => record.with({ value: nothing }) }),
})

function handler(behavior: string): Transform {
  return {
    apply(record) {
      const { value } = record.value
      if (value !== null && value !== undefined) return record
      if (behavior !== 'fail') return null
      throw new DataError("Tombstone record encountered, failing due to configured 'fail' behavior")
    },
  }
}
