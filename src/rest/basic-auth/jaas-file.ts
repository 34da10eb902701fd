import { homedir } from 'node:os'
import { readTextFile } from '../../config/read-file.ts'
import { ConfigError, toError } from '../../errors.ts'
import { jaasTokens } from '../../util/jaas-tokens.ts'

export interface LoginModule {
  readonly className: string
  readonly flag: 'required' | 'requisite' | 'sufficient' | 'optional'
  readonly options: ReadonlyMap<string, string>
}

const flags = ['required', 'requisite', 'sufficient', 'optional'] as const

/** The login modules of one entry of a JAAS file, `entry { class flag option="value" ...; };`. Throws ConfigError. */
export function readLoginModules(path: string, entry: string): LoginModule[] {
  try {
    const found = entriesOf(readTextFile(path)).get(entry)
    if (found === undefined || found.length === 0) fail(`it has no login module for ${entry}.`)
    return found
  } catch (error) {
    const { message } = toError(error)
    throw new ConfigError(`Failed to retrieve JAAS configuration from ${path}: ${message}`, {
      key: 'rest.extension.classes',
      cause: error,
    })
  }
}

function entriesOf(text: string): Map<string, LoginModule[]> {
  const tokens = jaasTokens(text)
  const next = () => tokens.shift() ?? fail('it ends too early.')
  const isSign = (sign: string) => tokens[0]?.text === sign && !tokens[0].isQuoted
  const skip = (sign: string) => {
    if (!isSign(sign)) fail(`${sign} is expected before ${tokens[0]?.text ?? 'its end'}.`)
    tokens.shift()
  }
  const entries = new Map<string, LoginModule[]>()
  while (tokens.length > 0) {
    const name = next().text
    const modules: LoginModule[] = []
    skip('{')
    while (!isSign('}')) {
      const className = next().text
      const flagText = next().text
      const flag = flags.find((known) => known === flagText.toLowerCase())
      if (flag === undefined) fail(`${flagText} is none of ${flags.join(', ')}.`)
      const options = new Map<string, string>()
      while (!isSign(';')) {
        const option = next().text
        skip('=')
        options.set(option, expanded(next().text))
      }
      skip(';')
      modules.push({ className, flag: flag!, options })
    }
    skip('}')
    skip(';')
    entries.set(name, modules)
  }
  return entries
}

/** `${user.home}` and the other system properties of Java that mean something here. */
function expanded(value: string): string {
  return value.replace(/\$\{([^}]*)\}/g, (variable, name: string) => {
    if (name === 'user.home') return homedir()
    if (name === 'user.dir') return process.cwd()
    return name === '/' ? '/' : fail(`${variable} is not known here; write the path out.`)
  })
}

function fail(message: string): never {
  throw new Error(message)
}
