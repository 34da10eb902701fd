/**
 * SetMaximumPrecision lowers the precision that the schemas of decimal fields state. The values stay as they are.
 *
 * Same settings and results as com.github.jcustenborder.kafka.connect.transform.common.SetMaximumPrecision.
 */
import { between, configDef, int, keyAndValue, scaleOf, Struct, type PartTransform } from '../../index.ts'
import { planCache } from '../plan-cache.ts'
import { movedAll, move } from '../struct-fields.ts'
import { isDecimal, numberParameter, precisionParameter, withDecimals } from './decimal-fields.ts'
import { structOrMap } from './struct-or-map.ts'

/** What Avro converters take where no precision is stated. */
const unstated = 64

export const setMaximumPrecision = keyAndValue({
  name: 'com.github.jcustenborder.kafka.connect.transform.common.SetMaximumPrecision',
  doc: 'Lowers the precision that the schemas of decimal fields state. The values stay as they are.',
  config: configDef({
    'precision.max': int({
      importance: 'high',
      validate: between(1, 64),
      doc: 'The highest precision. Where a schema states none it has 64.',
    }),
  }),
  create({ 'precision.max': max }): PartTransform {
    const plans = planCache((from) => {
      const tooPrecise = from.fields.filter(
        (field) => isDecimal(field) && numberParameter(field, precisionParameter, unstated) > max,
      )
      if (tooPrecise.length === 0) return { schema: from, moves: null }
      const schema = withDecimals(from, (field) =>
        tooPrecise.includes(field) ? { scale: scaleOf(field.schema), precision: max } : null,
      )
      // A decimal fits whatever its schema says of precision.
      const moves = schema.fields.map((to, i) => move(from.fields[i]!, to))
      return { schema, moves }
    })

    return structOrMap({
      purpose: 'setting the maximum precision',
      schema: (schema) => plans(schema).schema,
      struct(struct) {
        const { schema, moves } = plans(struct.schema)
        if (moves === null) return { schema, value: struct }
        return { schema, value: Struct.adopt(schema, movedAll(struct, moves, true)) }
      },
    })
  },
})
