import type { FoundClass } from '../../config/config-def.ts'
import { invalidValue } from '../../config/parse-value.ts'
import type { Validator } from '../../config/validators.ts'
import { ConfigError, toError } from '../../errors.ts'
import { builtinPlugins } from '../../plugins/builtin.ts'
import type { PluginEntry, PluginKind, PluginRegistry, PluginsByKind } from '../../plugins/registry.ts'

/** The kinds that settings name, with what Java calls them. */
const interfaces = {
  converter: 'Converter',
  header_converter: 'HeaderConverter',
  transformation: 'Transformation',
  predicate: 'Predicate',
} as const

export type NamedKind = keyof typeof interfaces

/** What a name leads to. */
interface Named {
  /** null: to nothing. */
  readonly className: string | null
  readonly plugins: Partial<PluginsByKind>
  /** For the common part of two classes, such as `Cast`: `Cast$Key` and `Cast$Value`. */
  readonly forms: readonly string[]
  readonly failure: Error | null
  readonly hint: string
}

/** The plugins behind the class names of a connector's settings, loaded, so that everything else is synchronous. */
export class NamedClasses {
  readonly #entries: readonly PluginEntry[]
  readonly #byName: ReadonlyMap<string, Named>

  private constructor(entries: readonly PluginEntry[], byName: ReadonlyMap<string, Named>) {
    this.#entries = entries
    this.#byName = byName
  }

  static async load(
    registry: PluginRegistry,
    wanted: readonly { readonly kind: NamedKind; readonly name: string }[],
  ): Promise<NamedClasses> {
    const byName = new Map<string, Named>()
    for (const { kind, name } of wanted) {
      if (byName.has(name)) continue
      const named = await lookUp(registry, kind, name)
      byName.set(name, named)
      if (named.className !== null) byName.set(named.className, named)
    }
    return new NamedClasses(registry.entries(), byName)
  }

  find(name: string): FoundClass {
    const { className, hint } = this.#byName.get(name)!
    return className === null ? { hint } : { name: className }
  }

  /** null: the name does not lead to a plugin of that kind. */
  plugin<K extends NamedKind>(kind: K, name: string | null | undefined): PluginsByKind[K] | null {
    return (name == null ? undefined : this.#byName.get(name)?.plugins[kind]) ?? null
  }

  /** Refuses classes that are there but cannot be used as that kind. */
  usableAs(kind: NamedKind): Validator {
    return {
      description: `a ${interfaces[kind]} that can be made`,
      check: (key, value) => {
        const named = value === null ? undefined : this.#byName.get(value as string)
        if (named === undefined || named.plugins[kind] !== undefined) return
        if (named.failure !== null)
          throw invalidValue(key, value, `Could not instantiate class: ${named.failure.message}`)
        if (named.forms.length > 0) {
          const forms = named.forms.join(', ')
          throw new ConfigError(`This class is abstract and cannot be created. Did you mean ${forms}?`, {
            key,
          })
        }
        throw new ConfigError(
          `Class class ${value as string} does not implement the ${interfaces[kind]} interface`,
          { key },
        )
      },
    }
  }

  /**
   * What a client may offer to choose from: what Kafka comes with, and what was installed. Transforms of other
   * packs that come with tsconnect are found by their names and not offered.
   */
  offered(kind: NamedKind): readonly string[] {
    const names = this.#entries
      .filter((entry) => entry.kind === kind)
      .filter((entry) => entry.name.startsWith('org.apache.kafka.') || !builtinPlugins.includes(entry))
      .map(({ name }) => name)
    return [...new Set(names)].sort()
  }
}

async function lookUp(registry: PluginRegistry, wanted: NamedKind, name: string): Promise<Named> {
  const plugins: Partial<Record<PluginKind, PluginsByKind[PluginKind]>> = {}
  let className: string | null = null
  let failure: Error | null = null
  for (const kind of Object.keys(interfaces) as NamedKind[]) {
    if (whyUnknown(registry, kind, name) !== null) continue
    try {
      plugins[kind] = await registry.plugin(kind, name)
      className = plugins[kind].name
    } catch (thrown) {
      className ??= name
      failure = toError(thrown)
    }
  }
  const found = { plugins: plugins as Partial<PluginsByKind>, failure, forms: [], hint: '' }
  if (className !== null) return { ...found, className }
  const forms = registry
    .entries()
    .map((entry) => entry.name)
    .filter((other) => other.startsWith(`${name}$`))
  if (name !== '' && forms.length > 0) return { ...found, className: name, forms: [...new Set(forms)].sort() }
  return { ...found, className: null, hint: hintFor(registry, wanted, name) }
}

function whyUnknown(registry: PluginRegistry, kind: NamedKind, name: string): string | null {
  try {
    registry.check(kind, name, '')
    return null
  } catch (error) {
    return toError(error).message
  }
}

/** What the registry says beyond Kafka's words: the nearest name that can be used, or the classes of an ambiguous alias. */
function hintFor(registry: PluginRegistry, kind: NamedKind, name: string): string {
  const hint = /(?:Did you mean|More than one) .*$/s.exec(whyUnknown(registry, kind, name) ?? '')?.[0] ?? ''
  const nearest = /^Did you mean (.*)\?$/.exec(hint)?.[1]
  return nearest === undefined || whyUnknown(registry, kind, nearest) === null ? hint : ''
}
