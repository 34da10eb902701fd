import {
  boolean,
  DataError,
  javaClassOf,
  string,
  type ConnectRecord,
  type SchemaAndValue,
  type SettingsOf,
  type Transform,
} from '../../index.ts'
import { replaceField } from '../replace-field.ts'
import { isMissing } from './envelope.ts'

export const dropFieldsFields = {
  'drop.fields.header.name': string({
    importance: 'low',
    default: null,
    doc: 'The header with a list of names of fields to leave out, such as ExtractChangedRecordState makes.',
  }),
  'drop.fields.from.key': boolean({
    importance: 'low',
    default: false,
    doc: 'Whether these fields are left out of the key as well.',
  }),
  'drop.fields.keep.schema.compatible': boolean({
    importance: 'low',
    default: true,
    doc: 'Whether only optional fields are left out, so that readers of the old schema go on working.',
  }),
}

/** How many lists of names are remembered with the transform for them. */
const maxKnown = 64

export type FieldDropper = <R extends ConnectRecord>(record: R, spared: ReadonlySet<string>) => R

/** Leaves out what the header lists, except, in the value, the fields that are spared. Null where no header is set. */
export function fieldDropper(settings: SettingsOf<typeof dropFieldsFields>): FieldDropper | null {
  const header = settings['drop.fields.header.name'] ?? ''
  if (header === '') return null
  const fromKey = settings['drop.fields.from.key']
  const isCompatible = settings['drop.fields.keep.schema.compatible']
  const leaveOut = { key: remembered('key'), value: remembered('value') }

  return (record, spared) => {
    const names = namesIn(record, header)
    let changed = record
    for (const part of ['key', 'value'] as const) {
      if (isMissing(record[part].value) || (part === 'key' && !fromKey)) continue
      const listed = part === 'key' ? names : names.filter((name) => !spared.has(name))
      const dropped = isCompatible ? optionalOnes(record[part], listed) : listed
      if (dropped.length > 0) changed = leaveOut[part](dropped).apply(changed) as typeof changed
    }
    return changed
  }
}

function namesIn(record: ConnectRecord, header: string): readonly string[] {
  const value = [...record.headers].find(({ key }) => key === header)?.value ?? []
  if (Array.isArray(value)) return value as readonly string[]
  throw new DataError(`The header ${header} should list names of fields and is ${javaClassOf(value)}`)
}

function optionalOnes({ schema }: SchemaAndValue, names: readonly string[]): readonly string[] {
  if (schema?.type !== 'STRUCT') return []
  return schema.fields
    .filter(({ name, schema: { optional } }) => optional && names.includes(name))
    .map(({ name }) => name)
}

function remembered(part: 'key' | 'value'): (names: readonly string[]) => Transform {
  const plugin = replaceField[part]
  const known = new Map<string, Transform>()
  return (names) => {
    const exclude = names.join(',')
    let transform = known.get(exclude)
    if (transform === undefined) {
      transform = plugin.create(plugin.config.parse({ exclude }))
      if (known.size >= maxKnown) known.clear()
      known.set(exclude, transform)
    }
    return transform
  }
}
