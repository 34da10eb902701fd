import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { configDef } from '../../config/config-def.ts'
import * as fields from '../../config/fields.ts'
import { javaDoubleText } from '../../config/java-text.ts'
import { Password } from '../../config/password.ts'
import * as validators from '../../config/validators.ts'
import type { Validator } from '../../config/validators.ts'
import { resolveVariables } from '../../config/variables.ts'
import { createProvider } from '../../providers/config-providers.ts'
import { createLogger, LogOutput } from '../../util/logger.ts'
import { equalJsonTexts } from '../compare.ts'
import type { Suite, VectorContext } from '../suite.ts'

type FieldType = 'boolean' | 'string' | 'int' | 'short' | 'long' | 'double' | 'list' | 'password'
type Settings = Readonly<Record<string, string | null>>

interface SettingInput {
  readonly type: FieldType
  readonly validator?: ValidatorInput
  readonly default?: string | null
  readonly text?: string | null
}

interface ValidatorInput {
  readonly kind: string
  readonly min?: number
  readonly max?: number
  readonly values?: readonly string[]
  readonly of?: readonly ValidatorInput[]
}

interface VariablesInput {
  readonly providers: Readonly<Record<string, { readonly class: string; readonly params: Settings }>>
  readonly config: Settings
  readonly files: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
}

interface Answer {
  readonly value?: string
  readonly config?: Settings
}

/** Typed settings, their validators, and variables; the one suite where messages have to be Kafka's, too. */
export const configSuite: Suite<SettingInput | VariablesInput, Answer, Answer> = {
  run: (input, context) => ('type' in input ? runSetting(input) : runVariables(input, context)),
  matches(answer, { value, config }) {
    if (value !== undefined) return equalJsonTexts(answer.value ?? null, value)
    return equalJsonTexts(JSON.stringify(answer.config), JSON.stringify(config))
  },
  matchesError: (error, { kind, message }, context) =>
    kind !== 'config' || error.message.replaceAll(context.folder(), '@DIR@') === message,
}

function runSetting({ type, validator, default: byDefault, text }: SettingInput): Answer {
  const spec = {
    importance: 'low' as const,
    doc: '',
    ...(validator === undefined ? {} : { validate: makeValidator(validator) }),
    ...(byDefault === undefined ? {} : { default: byDefault }),
  }
  const field = fields[type] as (spec: fields.FieldSpec<unknown>) => fields.Field
  const definition = configDef({ k: field(spec) })
  const value: unknown = definition.parse(text === undefined ? {} : { k: text }).k
  return { value: jsonText(value, type) }
}

function jsonText(value: unknown, type: FieldType): string {
  if (value instanceof Password) return JSON.stringify(value.value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'number' || type !== 'double') return JSON.stringify(value)
  return Number.isFinite(value) ? javaDoubleText(value) : JSON.stringify(String(value))
}

function makeValidator({ kind, min = 0, max = 0, values = [], of = [] }: ValidatorInput): Validator {
  switch (kind) {
    case 'atLeast':
      return validators.atLeast(min)
    case 'between':
      return validators.between(min, max)
    case 'oneOf':
      return validators.oneOf(...values)
    case 'oneOfIgnoringCase':
      return validators.oneOfIgnoringCase(...values)
    case 'listOf':
      return validators.listOf(...values)
    case 'listSize':
      return validators.listSize(max)
    case 'nonEmpty':
      return validators.nonEmpty
    case 'nonEmptyWithoutControlChars':
      return validators.nonEmptyWithoutControlChars
    case 'nonNull':
      return validators.nonNull
    case 'all':
      return validators.all(...of.map(makeValidator))
    default:
      throw new Error(`There is no validator ${kind}.`)
  }
}

function runVariables({ providers, config, files, env }: VariablesInput, context: VectorContext): Answer {
  const folder = context.folder()
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text.replaceAll('@DIR@', folder))
  }
  const inFolder = (settings: Settings) => mapValues(settings, (text) => text.replaceAll('@DIR@', folder))
  const log = createLogger(new LogOutput(() => {}), 'vectors')
  const made = Object.entries(providers).map(([alias, { class: className, params }]) => {
    return [alias, createProvider(className, inFolder(params), { env, log })] as const
  })
  const { settings } = resolveVariables(inFolder(config), new Map(made))
  return { config: mapValues(settings, (text) => text.replaceAll(folder, '@DIR@')) }
}

function mapValues(settings: Settings, change: (text: string) => string): Settings {
  return Object.fromEntries(
    Object.entries(settings).map(([key, text]) => [key, text === null ? null : change(text)]),
  )
}
