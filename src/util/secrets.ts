/**
 * Secrets must never be read in logs, REST answers and traces. Messages are written with that in mind; this is for
 * those that are not, such as the ones of other people's libraries.
 */
export const hidden = '[hidden]'

/** Whether a setting of this name has a secret for its value, whatever its type. */
export function isSecretName(name: string): boolean {
  return /(?:passw(?:or)?d|passphrase|secret|credentials?|token|jaas\.config|(?:private|secret|api|access)[._-]?key)$/i.test(
    name,
  )
}

/** The text without what may be secret: known values, user and password in URLs, passwords after their names. */
export function redact(text: string): string {
  let redacted = secrets.hideIn(text)
  for (const [pattern, replacement] of patterns) redacted = redacted.replace(pattern, replacement)
  return redacted
}

/** In quotes, also in the escaped ones of a JSON text within a JSON text. */
const quoted = `"(?:[^"\\\\\\n]|\\\\.)*"|'(?:[^'\\\\\\n]|\\\\.)*'|\\\\"[^"\\n]*"`
const passwordName = '(?:passw(?:or)?d|passphrase|secret)'
const blanks = '[ \\t]{0,4}'

/** No pattern begins with a repetition, so the time they take grows with the text, not with its square. */
const patterns: readonly (readonly [RegExp, string])[] = [
  // scheme://user:password@host, up to the last @ before the path.
  [/(?<=:\/\/)[^\s/?#"'<>]{1,1024}@/g, `${hidden}@`],
  // A password with unescaped / ? or #: what follows user: is no port.
  [/(?<=:\/\/)[^\s/?#@:"'<>]{0,256}:(?!\d{1,5}(?:[/?#,\s]|$))[^\s"'<>]{1,256}@/g, `${hidden}@`],
  [new RegExp(`(sasl\\.jaas\\.config\\\\?["']${blanks}:${blanks})(?:${quoted})`, 'gi'), `$1${hidden}`],
  [new RegExp(`(sasl\\.jaas\\.config${blanks}=${blanks})(?:${quoted}|[^\\n]+)`, 'gi'), `$1${hidden}`],
  [/(LoginModule\s+(?:required|requisite|sufficient|optional)\s)[^\n]+/gi, `$1${hidden}`],
  [new RegExp(`(${passwordName}\\\\?["']?${blanks}[=:]${blanks})(?:${quoted})`, 'gi'), `$1${hidden}`],
  [
    new RegExp(`(${passwordName}${blanks}=${blanks})(?![\\s"'])(?:[^\\s&;,}]|,(?!\\s))+`, 'gi'),
    `$1${hidden}`,
  ],
]

/** Shorter ones stand in too many harmless words. */
const minLength = 4
/** Validation requests may bring any number of values; those longest out of use are forgotten. */
const maxValues = 1000

class Secrets {
  readonly #values = new Set<string>()
  #pattern: RegExp | null = null

  /** Remembers a value, in all forms in which messages may show it. */
  add(value: string): void {
    if (isHarmless(value)) return
    const encoded = encodeURIComponent(value.toWellFormed())
    for (const form of [value, encoded, JSON.stringify(value).slice(1, -1), ...innerPasswords(value)]) {
      if (form.length >= minLength) this.#remember(form)
    }
  }

  hideIn(text: string): string {
    if (this.#values.size === 0) return text
    return text.replace((this.#pattern ??= patternOf(this.#values)), hidden)
  }

  #remember(form: string): void {
    if (!this.#values.delete(form)) this.#pattern = null
    this.#values.add(form)
    if (this.#values.size <= maxValues) return
    const [oldest] = this.#values
    this.#values.delete(oldest!)
  }
}

/** The secrets of this process: whoever parses a setting adds the value. */
export const secrets = new Secrets()

/** A variable is no secret, what it stands for is. */
function isHarmless(value: string): boolean {
  return value === hidden || /^(?:\$\{[^}]*\}|true|false|null|none)$/i.test(value)
}

/** What stands behind `password=` in a JAAS configuration may be printed alone. */
function innerPasswords(value: string): string[] {
  const found = value.matchAll(/(?:password|secret)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;"']+))/gi)
  return [...found].map(([, double, single, bare]) => double ?? single ?? bare ?? '')
}

/** The longest first: one secret may begin with another. */
function patternOf(values: ReadonlySet<string>): RegExp {
  const longestFirst = [...values].sort((a, b) => b.length - a.length)
  return new RegExp(longestFirst.map(alternative).join('|'), 'g')
}

/** A password such as `kafka` is hidden as a word only, or class names could no longer be read. */
function alternative(value: string): string {
  const escaped = value.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
  return /^[a-z]{1,10}$/i.test(value) ? `(?<!\\w|\\w\\.)${escaped}(?!\\w|\\.\\w)` : escaped
}
