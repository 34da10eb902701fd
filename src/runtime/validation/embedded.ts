import type { Fields } from '../../config/config-def.ts'
import type { Field, Recommender } from '../../config/fields.ts'
import type { Validator } from '../../config/validators.ts'

/**
 * A definition within another: names begin with `prefix`, and all stand in one group, counted from `firstOrder`. Order
 * and messages are those of Kafka, whose validators go on seeing the names without the prefix.
 */
export function embedded(fields: Fields, prefix: string, group: string, firstOrder: number): Fields {
  return Object.fromEntries(
    inKafkasOrder(fields).map(([name, field], i) => [
      prefix + name,
      {
        ...field,
        group: field.group === undefined ? group : `${group}: ${field.group}`,
        orderInGroup: firstOrder + i,
        displayName: field.displayName ?? name,
        ...(field.validate && { validate: validatorBelow(prefix, field.validate) }),
        ...(field.dependents && { dependents: field.dependents.map((dependent) => prefix + dependent) }),
        ...(field.recommender && { recommender: recommenderBelow(prefix, field.recommender) }),
      },
    ]),
  )
}

const importances = ['high', 'medium', 'low']

/** By group, place in it, required ones first, importance, name. */
function inKafkasOrder(fields: Fields): [string, Field][] {
  const groups = [undefined, ...new Set(Object.values(fields).map(({ group }) => group))]
  const places = (field: Field) => [
    groups.indexOf(field.group),
    field.orderInGroup ?? -1,
    field.default === undefined ? 0 : 1,
    importances.indexOf(field.importance),
  ]
  return Object.entries(fields).sort(([nameA, a], [nameB, b]) => {
    const [left, right] = [places(a), places(b)]
    const differing = left.findIndex((place, i) => place !== right[i])
    return differing < 0 ? (nameA < nameB ? -1 : 1) : left[differing]! - right[differing]!
  })
}

function validatorBelow(prefix: string, validator: Validator): Validator {
  return {
    ...validator,
    check: (name, value, type) => validator.check(name.slice(prefix.length), value, type),
  }
}

function recommenderBelow(prefix: string, recommender: Recommender): Recommender {
  const own = (settings: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(settings)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, value]) => [name.slice(prefix.length), value]),
    )
  return {
    validValues: (name, settings) => recommender.validValues(name.slice(prefix.length), own(settings)),
    visible: (name, settings) => recommender.visible?.(name.slice(prefix.length), own(settings)) ?? true,
  }
}
