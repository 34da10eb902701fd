/**
 * SetNull takes the key or value and its schema away from a record.
 *
 * Same results as com.github.jcustenborder.kafka.connect.transform.common.SetNull.
 */
import { configDef, keyAndValue, nothing } from '../../index.ts'

export const setNull = keyAndValue({
  name: 'com.github.jcustenborder.kafka.connect.transform.common.SetNull',
  doc: 'Takes the key or value and its schema away from a record.',
  config: configDef({}),
  create: () => () => nothing,
})
