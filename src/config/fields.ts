import type { Password } from './password.ts'
import type { ConfigType } from './parse-value.ts'
import type { Validator } from './validators.ts'

export type Importance = 'high' | 'medium' | 'low'
export type Width = 'NONE' | 'SHORT' | 'MEDIUM' | 'LONG'

/** What there is to say about a setting beside its type. Without `default` it is required. */
export interface FieldSpec<Default> {
  readonly importance: Importance
  readonly doc: string
  /** Validated like any other value when the definition is made. */
  readonly default?: Default
  readonly validate?: Validator
  /** Where and how Kafka's REST clients show the setting. */
  readonly group?: string
  readonly orderInGroup?: number
  readonly width?: Width
  readonly displayName?: string
  readonly dependents?: readonly string[]
  readonly recommender?: Recommender
}

/** Suggests values and says whether a setting matters, given the values of the others. */
export interface Recommender {
  validValues(name: string, settings: Readonly<Record<string, unknown>>): readonly unknown[]
  visible?(name: string, settings: Readonly<Record<string, unknown>>): boolean
}

/** One setting, as plain data. `Value` is what a parsed config holds under its name. */
export interface Field<Value = unknown> extends FieldSpec<unknown> {
  readonly type: ConfigType
  /** For LONG: a plain number however large. */
  readonly asNumber?: boolean
  /** Exists in types only. */
  readonly parsed?: Value
}

/** A null default makes null one of the values; every other default, or none, adds nothing to the type. */
interface FieldBuilder<Value, Default> {
  (spec: FieldSpec<Default>): Field<Value>
  (spec: FieldSpec<Default | null>): Field<Value | null>
}

function builder<Value, Default = Value>(type: ConfigType, asNumber = false): FieldBuilder<Value, Default> {
  return (spec: FieldSpec<Default | null>) => (asNumber ? { ...spec, type, asNumber } : { ...spec, type })
}

export const boolean = builder<boolean>('BOOLEAN')
export const string = builder<string>('STRING')
export const short = builder<number>('SHORT')
export const int = builder<number>('INT')
export const double = builder<number>('DOUBLE')
export const list = builder<readonly string[], readonly string[] | string>('LIST')
export const password = builder<Password, Password | string>('PASSWORD')

/** A number while it is a safe integer, a bigint beyond. */
export const long = builder<number | bigint>('LONG')

/** A LONG that counts ms or bytes, where a few too many beyond 2^53 mean nothing: always a plain number. */
export const longNumber = builder<number>('LONG', true)

/** The name or alias of a plugin, as text: finding the plugin is the business of the registry. */
export const classRef = builder<string>('CLASS')
