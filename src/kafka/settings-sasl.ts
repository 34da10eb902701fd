import { ConfigError } from '../errors.ts'
import type { KafkajsSasl } from './kafkajs-internals.ts'
import type { SettingsReader } from '../config/settings-reader.ts'

export const saslNames: readonly string[] = ['sasl.mechanism', 'sasl.jaas.config']

const modules: Readonly<Record<string, string>> = {
  'PLAIN': 'org.apache.kafka.common.security.plain.PlainLoginModule',
  'SCRAM-SHA-256': 'org.apache.kafka.common.security.scram.ScramLoginModule',
  'SCRAM-SHA-512': 'org.apache.kafka.common.security.scram.ScramLoginModule',
}

/** `sasl.mechanism` with the credentials from `sasl.jaas.config`. Nothing of the latter gets into messages. */
export function readSasl(reader: SettingsReader): KafkajsSasl {
  const mechanism = reader.text('sasl.mechanism') ?? 'GSSAPI'
  const module = modules[mechanism]
  if (module === undefined) {
    throw new ConfigError(
      `sasl.mechanism=${mechanism} is not implemented here. Use one of ${Object.keys(modules).join(', ')}.`,
    )
  }
  const jaas = reader.text('sasl.jaas.config')
  if (jaas === null || jaas === '') {
    throw new ConfigError(
      `sasl.jaas.config is not set; sasl.mechanism=${mechanism} needs it. Example: ` +
        `sasl.jaas.config=${module} required username="..." password="...";`,
    )
  }
  const { loginModule, options } = parseJaas(jaas)
  if (loginModule !== module && loginModule.split('.').at(-1) !== module.split('.').at(-1)) {
    throw new ConfigError(
      `sasl.jaas.config names the login module ${loginModule}; sasl.mechanism=${mechanism} needs ${module}.`,
    )
  }
  const username = options.get('username')
  const password = options.get('password')
  if (username === undefined || password === undefined) {
    const missing = username === undefined ? 'username' : 'password'
    throw new ConfigError(`sasl.jaas.config has no ${missing}.`)
  }
  if (options.get('tokenauth') === 'true') {
    throw new ConfigError('sasl.jaas.config asks for tokenauth=true, which is not implemented here.')
  }
  return { mechanism, username, password }
}

/** `LoginModule controlFlag option="value" ...;` in the grammar of Java's JaasConfig. */
export function parseJaas(text: string): { loginModule: string; options: Map<string, string> } {
  const tokens = tokenize(text)
  const [loginModule, flag] = [tokens.shift(), tokens.shift()]
  if (loginModule === undefined || flag === undefined) throw broken('it is empty or ends too early')
  if (!['required', 'requisite', 'sufficient', 'optional'].includes(flag.text.toLowerCase())) {
    throw broken('after the login module a control flag such as "required" is expected')
  }
  if (!tokens.some((token) => token.text === ';' && !token.isQuoted))
    throw broken('it must end with a semicolon')
  const options = new Map<string, string>()
  for (let token = tokens.shift(); token !== undefined; token = tokens.shift()) {
    if (token.text === ';' && !token.isQuoted) {
      if (tokens.length > 0) throw broken('it may hold one login module only')
      break
    }
    const equals = tokens.shift()
    const value = tokens.shift()
    if (equals?.text !== '=' || value === undefined || (value.text === ';' && !value.isQuoted)) {
      throw broken('an option must look like name="value"')
    }
    options.set(token.text, value.text)
  }
  return { loginModule: loginModule.text, options }
}

interface Token {
  readonly text: string
  readonly isQuoted: boolean
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  // As Java's StreamTokenizer: words, quoted texts with escapes, and the signs = and ;
  const pattern =
    /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)'|([=;])|([^\s=;"']+)/y
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text)
    if (match === null) throw broken('a quote is not closed')
    const quoted = match[1] ?? match[2]
    if (quoted !== undefined) tokens.push({ text: unescape(quoted), isQuoted: true })
    else if (match[3] !== undefined || match[4] !== undefined) {
      tokens.push({ text: match[3] ?? match[4]!, isQuoted: false })
    }
  }
  return tokens
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  a: '\x07',
  v: '\v',
}

function unescape(text: string): string {
  return text.replace(/\\([0-7]{1,3}|[\s\S])/g, (_, escaped: string) =>
    /^[0-7]/.test(escaped) ? String.fromCharCode(parseInt(escaped, 8)) : (escapes[escaped] ?? escaped),
  )
}

function broken(reason: string): ConfigError {
  return new ConfigError(`sasl.jaas.config cannot be read: ${reason}.`)
}
