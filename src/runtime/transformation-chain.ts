import type { MaybePromise, Props } from '../api/plugin.ts'
import type { ConnectRecord } from '../api/record.ts'
import type { Predicate, Transform } from '../api/transform.ts'
import { withPrefix } from '../config/config-def.ts'
import { parseValue } from '../config/parse-value.ts'
import { ConfigError, ConnectError, toError } from '../errors.ts'
import type { PluginRegistry } from '../plugins/registry.ts'
import type { Logger } from '../util/logger.ts'

interface Stage {
  readonly className: string
  readonly transform: Transform
  readonly predicate: Predicate | null
  readonly negate: boolean
}

/** The transforms of a connector in their order, each with its predicate. */
export class TransformationChain {
  readonly #stages: readonly Stage[]
  /** The class of the stage that ran last: the one to blame when `apply` throws. */
  #current = ''

  constructor(stages: readonly Stage[]) {
    this.#stages = stages
  }

  get isEmpty(): boolean {
    return this.#stages.length === 0
  }

  get currentClass(): string {
    return this.#current
  }

  /** null: a stage dropped the record. */
  apply<R extends ConnectRecord>(record: R): MaybePromise<R | null> {
    return this.#applyFrom(0, record)
  }

  close(log: Logger): void {
    for (const { className, transform, predicate } of this.#stages) {
      for (const part of [transform, predicate]) {
        try {
          part?.close?.()
        } catch (error) {
          log.warn(`Could not close ${className}`, error)
        }
      }
    }
  }

  toString(): string {
    return `TransformationChain{${this.#stages.map(({ className }) => className).join(', ')}}`
  }

  #applyFrom<R extends ConnectRecord>(first: number, record: R): MaybePromise<R | null> {
    let current = record
    for (let i = first; i < this.#stages.length; i++) {
      const { className, transform, predicate, negate } = this.#stages[i]!
      this.#current = className
      if (predicate !== null && predicate.test(current) === negate) continue
      const result = transform.apply(current)
      if (result instanceof Promise) {
        return result.then((done) => (done === null ? null : this.#applyFrom(i + 1, done)))
      }
      if (result === null) return null
      current = result
    }
    return current
  }
}

/**
 * Builds the chain that `transforms` and `predicates` describe (Connect's ConnectorConfig.transformationStages).
 * Throws ConnectError around whatever is wrong with a stage.
 */
export async function buildChain(props: Props, plugins: PluginRegistry): Promise<TransformationChain> {
  const stages: Stage[] = []
  // A predicate that nobody uses has to be right, too.
  for (const alias of aliases(props, 'predicates')) await readPredicate(alias, props, plugins)
  for (const alias of aliases(props, 'transforms')) {
    try {
      stages.push(await buildStage(alias, props, plugins))
    } catch (cause) {
      if (cause instanceof ConfigError) throw cause
      throw new ConnectError(`Could not build the transform ${alias}: ${toError(cause).message}`, { cause })
    }
  }
  return new TransformationChain(stages)
}

async function buildStage(alias: string, props: Props, plugins: PluginRegistry): Promise<Stage> {
  const settings = withPrefix(props, `transforms.${alias}.`)
  const typeKey = `transforms.${alias}.type`
  const type = typeOf(settings, typeKey, 'Transformation')
  plugins.check('transformation', type, typeKey)
  const plugin = await plugins.plugin('transformation', type)
  const { predicate: predicateAlias, negate, ...own } = settings
  if (negate !== undefined && predicateAlias === undefined) {
    throw new ConfigError(
      `Config 'transforms.${alias}.negate' was provided but there is no config 'transforms.${alias}.predicate' defining a predicate to be negated.`,
      { key: `transforms.${alias}.negate` },
    )
  }
  parseValue(`transforms.${alias}.negate`, negate ?? null, 'BOOLEAN')
  return {
    className: plugin.name,
    transform: plugin.create(parsed(plugin, own, `transforms.${alias}.`)),
    predicate:
      predicateAlias === undefined ? null : await buildPredicate(predicateAlias ?? '', props, plugins),
    // Checked as a boolean, then read as Java's parseBoolean reads it: without trimming.
    negate: negate?.toLowerCase() === 'true',
  }
}

async function buildPredicate(alias: string, props: Props, plugins: PluginRegistry): Promise<Predicate> {
  const { plugin, settings } = await readPredicate(alias, props, plugins)
  return plugin.create(settings)
}

async function readPredicate(alias: string, props: Props, plugins: PluginRegistry) {
  if (!aliases(props, 'predicates').includes(alias)) {
    throw new ConfigError(`Unknown configuration 'predicates.${alias}.plugin.version'`, { key: 'predicates' })
  }
  const settings = withPrefix(props, `predicates.${alias}.`)
  const typeKey = `predicates.${alias}.type`
  const type = typeOf(settings, typeKey, 'Predicate')
  plugins.check('predicate', type, typeKey)
  const plugin = await plugins.plugin('predicate', type)
  return { plugin, settings: parsed(plugin, settings, `predicates.${alias}.`) as unknown }
}

/** Parses a plugin's own settings; an error names the setting as it stands in the file. */
export function parsed<S>(
  plugin: { config: { parse(settings: Props): S } },
  settings: Props,
  prefix: string,
): S {
  try {
    return plugin.config.parse(settings)
  } catch (error) {
    if (error instanceof ConfigError && error.key !== undefined) {
      throw new ConfigError(error.message, { key: prefix + error.key, cause: error.cause })
    }
    throw error
  }
}

function typeOf(settings: Props, key: string, kind: 'Transformation' | 'Predicate'): string {
  const type = settings['type']
  if (!type?.trim())
    throw new ConfigError(`Invalid value ${type?.trim() ?? 'null'} for configuration ${key}: Not a ${kind}`, {
      key,
    })
  if (type !== type.trim()) {
    const problem = `Error getting config definition from ${kind}: ${type}`
    throw new ConfigError(`Invalid value ${type} for configuration ${key}: ${problem}`, { key })
  }
  return type
}

function aliases(props: Props, key: string): readonly string[] {
  const text = props[key]?.trim() ?? ''
  const names = text === '' ? [] : text.split(/\s*,\s*/)
  if (new Set(names).size < names.length) {
    throw new ConfigError(
      `Invalid value [${names.join(', ')}] for configuration ${key}: Duplicate alias provided.`,
      { key },
    )
  }
  return names
}
