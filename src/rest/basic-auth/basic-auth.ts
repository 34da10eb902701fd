import { ConfigError, toError } from '../../errors.ts'
import type { Logger } from '../../util/logger.ts'
import type { Authenticate } from '../site.ts'
import { readAuthorization } from './authorization.ts'
import { CredentialsFile } from './credentials-file.ts'
import { readLoginModules } from './jaas-file.ts'

const entry = 'KafkaConnect'
const extension = 'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension'
const loginModule = 'org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule'
const key = 'rest.extension.classes'

/** What workers ask of each other; nobody else gets anything out of it. */
const internal = [
  { method: 'POST', path: /^\/?connectors\/[^/]+\/tasks\/?$/ },
  { method: 'PUT', path: /^\/?connectors\/[^/]+\/fence\/?$/ },
]

export function isBasicAuth(className: string): boolean {
  return className === extension || className === extension.slice(extension.lastIndexOf('.') + 1)
}

/**
 * Kafka Connect's bundled extension: who may use the REST API stands in a properties file, and a JAAS file says in
 * which one. Throws ConfigError for a JAAS file that lets nobody know. A credentials file that cannot be read is
 * said at once, lets nobody in, and is tried again with every request.
 */
export function basicAuth(jaasFile: string | null, log: Logger): Authenticate {
  if (jaasFile === null) {
    throw new ConfigError(
      `Failed to retrieve JAAS configuration: ${extension} needs a JAAS file. Name it in the environment, ` +
        'KAFKA_OPTS=-Djava.security.auth.login.config=FILE or TSCONNECT_JAAS_CONFIG=FILE.',
      { key },
    )
  }
  const files = readLoginModules(jaasFile, entry).map(({ className, options }) => {
    if (className !== loginModule) {
      throw new ConfigError(
        `The entry ${entry} of ${jaasFile} names the login module ${className}; only ${loginModule} exists here.`,
        { key },
      )
    }
    const path = options.get('file')
    if (!path) {
      throw new ConfigError(
        `Property Credentials file must be specified: the option file="..." of ${loginModule} in ${jaasFile}.`,
        { key },
      )
    }
    return new CredentialsFile(path)
  })
  const check = new Credentials(files, log.named(loginModule))
  check.sayWhatIsWrong()
  return ({ method, url = '', headers }) => {
    const path = url.split('?')[0]!
    if (internal.some((one) => one.method === method && one.path.test(path))) return true
    const given = readAuthorization(headers.authorization)
    return check.permits(given?.user ?? null, given?.password ?? null)
  }
}

class Credentials {
  readonly #files: readonly CredentialsFile[]
  readonly #log: Logger
  #saidUnreadable: string | null = null

  constructor(files: readonly CredentialsFile[], log: Logger) {
    this.#files = files
    this.#log = log
  }

  sayWhatIsWrong(): void {
    for (const file of this.#files) {
      if (this.#tried(() => file.isEmpty)) {
        this.#log.error(
          `The credentials file ${file.path} is empty: as in Kafka Connect, EVERYBODY may use the REST API.`,
        )
      }
    }
  }

  /** One module that knows the user is enough: the others count as absent. */
  permits(user: string | null, password: string | null): boolean {
    // Every file is read, so that the time does not tell which one has the user.
    const answers = this.#files.map((file) => this.#tried(() => file.permits(user, password)))
    return !answers.includes(null) && answers.includes(true)
  }

  /** null: the file cannot be read. */
  #tried(step: () => boolean): boolean | null {
    try {
      return step()
    } catch (thrown) {
      const { message } = toError(thrown)
      if (message !== this.#saidUnreadable) {
        this.#log.error(`Error loading Property Credentials file: ${message} Until then nobody is let in.`)
      }
      this.#saidUnreadable = message
      return null
    }
  }
}
