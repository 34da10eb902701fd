import type { SettingsReader } from '../config/settings-reader.ts'
import { ConfigError, toError } from '../errors.ts'
import { jaasTokens } from '../util/jaas-tokens.ts'
import type { KafkajsSasl } from './kafkajs-internals.ts'

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
  const tokens = tokensOf(text)
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

function tokensOf(text: string) {
  try {
    return jaasTokens(text)
  } catch (error) {
    throw broken(toError(error).message)
  }
}

function broken(reason: string): ConfigError {
  return new ConfigError(`sasl.jaas.config cannot be read: ${reason}.`)
}
