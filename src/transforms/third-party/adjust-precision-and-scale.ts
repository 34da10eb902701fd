/**
 * AdjustPrecisionAndScale brings the precision and scale of decimal fields into bounds, in schemas and values.
 *
 * Same settings and results as com.github.jcustenborder.kafka.connect.transform.common.AdjustPrecisionAndScale.
 */
import {
  between,
  configDef,
  Decimal,
  int,
  keyAndValue,
  oneOf,
  string,
  Struct,
  type Field,
  type PartTransform,
  type SettingsOf,
} from '../../index.ts'
import { planCache } from '../plan-cache.ts'
import { checked } from '../struct-fields.ts'
import {
  isDecimal,
  numberParameter,
  precisionParameter,
  withDecimals,
  type DecimalShape,
} from './decimal-fields.ts'
import { structOrMap } from './struct-or-map.ts'

const mode = (doc: string, ...values: readonly string[]) =>
  string({ importance: 'high', default: 'none', validate: oneOf('none', ...values), doc })

const fields = {
  'precision.value': int({
    importance: 'high',
    default: 38,
    validate: between(1, 127),
    doc: 'The precision for decimals whose own is changed.',
  }),
  'precision.mode': mode(
    'Which precisions are changed: none; undefined, those that are not known; max, also those above precision.value.',
    'undefined',
    'max',
  ),
  'precision.undefined.value': int({
    importance: 'low',
    default: 0,
    doc: 'The precision that stands for one that is not known; so does none at all. The scale is not known then either.',
  }),
  'scale.value': int({
    importance: 'high',
    default: 127,
    validate: between(0, 127),
    doc: 'The scale for decimals whose own is changed.',
  }),
  'scale.mode': mode(
    'Which scales are changed: none; undefined, those that are not known; max, also those above scale.value.',
    'undefined',
    'max',
  ),
  'scale.zero.mode': mode('What a scale of 0 becomes: none leaves it, value makes it scale.value.', 'value'),
  'scale.negative.mode': mode(
    'What a scale below 0 becomes: none leaves it, zero makes it 0, value makes it scale.value.',
    'zero',
    'value',
  ),
  'scale.undefined.value': int({
    importance: 'low',
    default: 127,
    doc: 'The scale that stands for one that is not known.',
  }),
}

export const adjustPrecisionAndScale = keyAndValue({
  name: 'com.github.jcustenborder.kafka.connect.transform.common.AdjustPrecisionAndScale',
  doc: 'Changes precision and scale of decimal fields, in their schemas and values. Digits beyond the precision are rounded half up, those beyond the scale are cut off downwards.',
  config: configDef(fields),
  create(settings): PartTransform {
    const plans = planCache((from) => {
      const shapes = from.fields.map((field) => (isDecimal(field) ? adjustedShape(field, settings) : null))
      return { schema: withDecimals(from, ({ index }) => shapes[index]!), shapes }
    })

    return structOrMap({
      purpose: 'adjusting precision and scale',
      schema: (schema) => plans(schema).schema,
      struct(struct) {
        const { schema, shapes } = plans(struct.schema)
        const values = struct.schema.fields.map((field) => {
          const shape = shapes[field.index]!
          const value = struct.get(field)
          if (value === null) return checked(schema.fields[field.index]!, null)
          return shape?.isChanged ? adjusted(value as Decimal, shape) : value
        })
        return { schema, value: Struct.adopt(schema, values) }
      },
    })
  },
})

function adjustedShape(
  field: Field,
  settings: SettingsOf<typeof fields>,
): DecimalShape & { isChanged: boolean } {
  const precision = numberParameter(field, precisionParameter, 0)
  const scale = numberParameter(field, 'scale', 0)
  const isPrecisionUnknown = precision === settings['precision.undefined.value']
  const isScaleUnknown = isPrecisionUnknown || scale === settings['scale.undefined.value']

  const takesPrecision = isReplaced(
    settings['precision.mode'],
    isPrecisionUnknown,
    precision > settings['precision.value'],
  )
  const takesScale =
    isReplaced(settings['scale.mode'], isScaleUnknown, scale > settings['scale.value']) ||
    (scale === 0 && settings['scale.zero.mode'] === 'value') ||
    (scale < 0 && settings['scale.negative.mode'] === 'value')
  const takesZero = !takesScale && scale < 0 && settings['scale.negative.mode'] === 'zero'

  return {
    precision: takesPrecision ? settings['precision.value'] : precision,
    scale: takesScale ? settings['scale.value'] : takesZero ? 0 : scale,
    isChanged: takesPrecision || takesScale || takesZero,
  }
}

function isReplaced(mode: string, isUnknown: boolean, isTooLarge: boolean): boolean {
  return (mode !== 'none' && isUnknown) || (mode === 'max' && isTooLarge)
}

function adjusted(value: Decimal, { precision, scale }: DecimalShape): Decimal {
  return rescaled(rounded(value, precision), scale)
}

/** To so many digits, half up; without a precision as it is. */
function rounded(value: Decimal, precision: number): Decimal {
  const { unscaled, scale } = value
  const magnitude = unscaled < 0n ? -unscaled : unscaled
  const excess = precision <= 0 ? 0 : magnitude.toString().length - precision
  if (excess <= 0) return value
  const unit = 10n ** BigInt(excess)
  const digits = (magnitude + unit / 2n) / unit
  return new Decimal(unscaled < 0n ? -digits : digits, scale - excess)
}

/** With another scale, towards the smaller number. */
function rescaled({ unscaled, scale: before }: Decimal, scale: number): Decimal {
  if (scale >= before) return new Decimal(unscaled * 10n ** BigInt(scale - before), scale)
  const unit = 10n ** BigInt(before - scale)
  const cut = unscaled / unit
  return new Decimal(unscaled < 0n && cut * unit !== unscaled ? cut - 1n : cut, scale)
}
