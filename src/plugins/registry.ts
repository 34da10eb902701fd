import type { ConverterPlugin } from '../api/converter.ts'
import type { SinkConnector } from '../api/sink.ts'
import type { SourceConnector } from '../api/source.ts'
import type { PredicatePlugin, TransformPlugin } from '../api/transform.ts'
import { ConfigError } from '../errors.ts'
import { closest } from '../util/closest.ts'
import { version } from '../util/version.ts'

/** The settings' type is known to the plugin alone: its own ConfigDef parses what its own `create` receives. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Any = any

export interface PluginsByKind {
  source: SourceConnector<Any>
  sink: SinkConnector<Any>
  converter: ConverterPlugin<Any>
  header_converter: ConverterPlugin<Any>
  transformation: TransformPlugin<Any>
  predicate: PredicatePlugin<Any>
}

export type PluginKind = keyof PluginsByKind

/** A plugin known by name and loaded when first used. */
export interface PluginEntry<K extends PluginKind = PluginKind> {
  readonly kind: K
  readonly name: string
  readonly aliases?: readonly string[]
  load(): Promise<PluginsByKind[K]>
}

/** What Kafka cuts off a simple class name to get a plugin's short alias. */
const suffixes: Record<PluginKind, string> = {
  source: 'Connector',
  sink: 'Connector',
  converter: 'Converter',
  header_converter: 'HeaderConverter',
  transformation: 'Transformation',
  predicate: 'Predicate',
}

/** Finds plugins by class name, simple name or pruned name, as Kafka Connect does (PluginUtils, DelegatingClassLoader). */
export class PluginRegistry {
  readonly #entries: PluginEntry[] = []
  /** By `kind:alias`; several entries for one alias make it ambiguous, as in Kafka. */
  readonly #byAlias = new Map<string, Set<PluginEntry>>()

  constructor(entries: readonly PluginEntry[]) {
    for (const entry of entries) this.add(entry)
  }

  add(entry: PluginEntry): void {
    this.#entries.push(entry)
    const simple = simpleName(entry.name)
    // Kafka has no `InsertField$Value`; nobody is harmed by being understood.
    const nested = entry.name.slice(entry.name.lastIndexOf('.') + 1)
    const short = prunedNames(simple, entry.kind)
    for (const alias of new Set([entry.name, nested, simple, ...short, ...(entry.aliases ?? [])])) {
      const key = `${entry.kind}:${alias}`
      this.#byAlias.set(key, (this.#byAlias.get(key) ?? new Set()).add(entry))
    }
  }

  entries(): readonly PluginEntry[] {
    return this.#entries
  }

  /** Throws ConfigError when there is no such connector, with the nearest name that exists. */
  async connector(name: string): Promise<PluginsByKind['source'] | PluginsByKind['sink']> {
    return this.#entryOf(['source', 'sink'], name, 'Connector').load() as Promise<
      PluginsByKind['source'] | PluginsByKind['sink']
    >
  }

  async plugin<K extends PluginKind>(kind: K, name: string): Promise<PluginsByKind[K]> {
    return (this.#entryOf([kind], name, null) as unknown as PluginEntry<K>).load()
  }

  /** Whether exactly one plugin of the kind goes by the name. */
  has(kind: PluginKind, name: string): boolean {
    return this.#byAlias.get(`${kind}:${name}`)?.size === 1
  }

  /** Throws ConfigError for the setting `key` unless the name leads to exactly one plugin of the kind. */
  check(kind: PluginKind, name: string, key: string): void {
    try {
      this.#entryOf([kind], name, null)
    } catch (error) {
      throw new ConfigError(`Invalid value ${name} for configuration ${key}: ${(error as Error).message}`, {
        key,
      })
    }
  }

  #entryOf(kinds: readonly PluginKind[], name: string, what: 'Connector' | null): PluginEntry {
    const found = kinds.flatMap((kind) => [...(this.#byAlias.get(`${kind}:${name}`) ?? [])])
    if (found.length === 1) return found[0]!
    const known = this.#entries.filter((entry) => kinds.includes(entry.kind))
    if (found.length > 1) {
      const classes = found.map(describe).join(', ')
      throw new ConfigError(
        `More than one ${what === null ? kinds[0]! : 'connector'} matches alias ${name}. Please use full package and class name instead. Classes found: ${classes}`,
      )
    }
    const names = known.flatMap(({ name }) => [
      name,
      simpleName(name),
      pruned(simpleName(name), suffixes[kinds[0]!]),
    ])
    const nearest = closest(name, names)
    const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`
    if (what === null) throw new ConfigError(`Class ${name} could not be found.${hint}`)
    throw new ConfigError(
      `Failed to find any class that implements ${what} and which name matches ${name}, available connectors are: ` +
        `${known.map(describe).join(', ')}.${hint}`,
    )
  }
}

function describe({ kind, name }: PluginEntry): string {
  return (
    `PluginDesc{klass=class ${name}, name='${name}', version='${version}', encodedVersion=${version}, ` +
    `type=${kind}, typeName='${kind}', location='classpath'}`
  )
}

/** `Key` of `org.x.Cast$Key`; `Cast` of `org.x.Cast`. */
function simpleName(name: string): string {
  return name.slice(Math.max(name.lastIndexOf('.'), name.lastIndexOf('$')) + 1)
}

/** A converter that serves headers, too, goes by one alias in both uses: `Json`. */
function prunedNames(simple: string, kind: PluginKind): string[] {
  const names = [pruned(simple, suffixes[kind])]
  if (kind === 'header_converter' && names[0] === simple) names.push(pruned(simple, suffixes.converter))
  return names
}

function pruned(simple: string, suffix: string): string {
  const at = simple.lastIndexOf(suffix)
  return at > 0 ? simple.slice(0, at) : simple
}
