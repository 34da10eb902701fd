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

/**
 * Goes on where a stage failed: gives what the stage gives after all, or null to drop the record, or throws. `again` does
 * the same once more. `origin` is what `apply` was called with.
 */
export type StageRecovery<O> = <R extends ConnectRecord>(
  className: string,
  origin: O,
  error: unknown,
  again: () => MaybePromise<R | null>,
) => Promise<R | null>

/** The transforms of a connector in their order, each with its predicate. */
export class TransformationChain {
  readonly #stages: readonly Stage[]

  constructor(stages: readonly Stage[]) {
    this.#stages = stages
  }

  get isEmpty(): boolean {
    return this.#stages.length === 0
  }

  /** Whether every stage treats all records alike that differ in a text only. */
  get isUniform(): boolean {
    return this.#stages.every(
      ({ transform, predicate }) =>
        transform.isUniform === true && (predicate === null || predicate.isUniform === true),
    )
  }

  /** null: a stage dropped the record. Throws what a stage throws. */
  apply<R extends ConnectRecord>(record: R): MaybePromise<R | null>
  /** `recover` is asked what to do about a stage that fails. */
  apply<R extends ConnectRecord, O>(record: R, recover: StageRecovery<O>, origin: O): MaybePromise<R | null>
  apply<R extends ConnectRecord, O>(
    record: R,
    recover: StageRecovery<O> | null = null,
    origin?: O,
  ): MaybePromise<R | null> {
    return this.#applyFrom(0, record, recover, origin as O)
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

  // No closure in here: its variables would move to the heap for every record.
  #applyFrom<R extends ConnectRecord, O>(
    first: number,
    record: R,
    recover: StageRecovery<O> | null,
    origin: O,
  ): MaybePromise<R | null> {
    let current = record
    for (let i = first; i < this.#stages.length; i++) {
      const stage = this.#stages[i]!
      let result: MaybePromise<R | null>
      try {
        const { predicate } = stage
        if (predicate !== null && predicate.test(current) === stage.negate) continue
        result = stage.transform.apply(current)
      } catch (error) {
        if (recover === null) throw error
        const recovered = recover(stage.className, origin, error, againOf(stage, current))
        return this.#goOn(recovered, i + 1, recover, origin)
      }
      if (result instanceof Promise) {
        const done = recover === null ? result : recovering(result, stage, current, recover, origin)
        return this.#goOn(done, i + 1, recover, origin)
      }
      if (result === null) return null
      current = result
    }
    return current
  }

  async #goOn<R extends ConnectRecord, O>(
    result: Promise<R | null>,
    next: number,
    recover: StageRecovery<O> | null,
    origin: O,
  ): Promise<R | null> {
    const done = await result
    return done === null ? null : this.#applyFrom(next, done, recover, origin)
  }
}

function againOf<R extends ConnectRecord>({ transform, predicate, negate }: Stage, record: R) {
  return () => (predicate !== null && predicate.test(record) === negate ? record : transform.apply(record))
}

function recovering<R extends ConnectRecord, O>(
  result: Promise<R | null>,
  stage: Stage,
  record: R,
  recover: StageRecovery<O>,
  origin: O,
): Promise<R | null> {
  return result.catch((error: unknown) => recover(stage.className, origin, error, againOf(stage, record)))
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
