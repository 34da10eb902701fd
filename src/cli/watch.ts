import { existsSync } from 'node:fs'
import { type ConnectorFile, readConnectorFile } from '../config/connector-file.ts'
import { AlreadyExistsError, ConfigError, NotFoundError } from '../errors.ts'
import type { Herder, RawConfig } from '../rest/herder.ts'
import type { PluginCatalog } from '../rest/plugin-catalog.ts'
import type { ConfigInfos } from '../runtime/validation/config-infos.ts'
import type { Logger } from '../util/logger.ts'
import { SerialQueue } from '../util/serial-queue.ts'
import { isSecretName } from '../util/secrets.ts'
import { blaming, createConnector, targetOf } from './create-connectors.ts'
import { type FileEvent, FileWatch, type FileWatchOptions } from './file-watch.ts'
import { logFailure } from './run-standalone.ts'
import { isSameConfig, settingChanges } from './setting-changes.ts'
import { warnOfDuplicates } from './worker-file.ts'

export interface WatchDeps {
  readonly herder: Herder
  readonly catalog: Pick<PluginCatalog, 'validate'>
  readonly log: Logger
  readonly timing?: Pick<FileWatchOptions, 'pollMs' | 'settleMs'>
}

/**
 * Keeps connectors as their files say: a file that is new, changed or gone creates, changes or deletes its connector.
 * What is wrong with a file is logged, and its connector goes on with the last good settings.
 */
export class ConnectorWatch {
  readonly #deps: WatchDeps
  readonly #log: Logger
  /** The last good version of each file whose connector is there. */
  readonly #good = new Map<string, ConnectorFile>()
  /** The files that were wrong when they were read last. */
  readonly #refused = new Set<string>()
  readonly #queues = new Map<string, SerialQueue>()
  #files: FileWatch | null = null

  constructor(deps: WatchDeps) {
    this.#deps = deps
    this.#log = deps.log.named('tsconnect.watch')
  }

  /** Creates the connectors of the files in their order, then keeps an eye on these. Files may be wrong or missing. */
  async start(paths: readonly string[]): Promise<void> {
    for (const path of paths) await this.#inTurn(path, () => this.#changed(path))
    this.#files = new FileWatch(paths, {
      ...this.#deps.timing,
      onEvent: (path, event) => this.#onEvent(path, event),
    })
  }

  stop(): void {
    this.#files?.stop()
  }

  async #onEvent(path: string, event: FileEvent): Promise<void> {
    if (event === 'changed') await this.#inTurn(path, () => this.#changed(path))
    else if (event === 'removed') {
      if (await this.#inTurn(path, () => this.#removed(path))) await this.#retryRefused()
    } else this.#log.warn(`${path} is no regular file: its changes are not seen.`)
  }

  /** One thing at a time with each file; files do not wait for each other. */
  #inTurn<T>(path: string, job: () => Promise<T>): Promise<T> {
    const queue = this.#queues.get(path) ?? new SerialQueue()
    this.#queues.set(path, queue)
    return queue.run(job)
  }

  /** A name has become free: it may be what another file was refused for, such as the one that this one became. */
  async #retryRefused(): Promise<void> {
    for (const path of [...this.#refused]) {
      await this.#inTurn(path, async () => {
        if (this.#refused.has(path) && existsSync(path)) await this.#changed(path)
      })
    }
  }

  async #changed(path: string): Promise<void> {
    const last = this.#good.get(path) ?? null
    let file: ConnectorFile | null = null
    this.#refused.delete(path)
    try {
      file = readConnectorFile(path)
      if (last !== null && file.name === last.name && isSameConfig(file.config.values, last.config.values))
        return
      warnOfDuplicates(file.config, this.#log)
      if (last === null) await this.#create(file, path)
      else if (file.name === last.name) await this.#change(file, path)
      else await this.#rename(last, file, path)
      this.#good.set(path, file)
    } catch (error) {
      if (file !== null && this.#isAccepted(file, error)) {
        this.#good.set(path, file)
        logFailure(
          this.#logOf(file.name),
          `Connector ${file.name} has the settings of ${path} and fails`,
          error,
        )
        return
      }
      this.#refused.add(path)
      if (last === null) {
        logFailure(
          this.#log,
          `Failed to create connector for ${path}, which is tried again when it changes`,
          error,
        )
      } else {
        const kept = `connector ${last.name} goes on with its last good settings`
        logFailure(this.#logOf(last.name), `Failed to apply the change of ${path}; ${kept}`, error)
      }
    }
  }

  async #create(file: ConnectorFile, path: string): Promise<void> {
    await createConnector(file, this.#deps.herder)
    this.#logOf(file.name).info(`Created connector ${file.name} (${path})`)
  }

  async #change(file: ConnectorFile, path: string): Promise<void> {
    const { name, config } = file
    await this.#tellChanges(file, path)
    await blaming(config, () => this.#deps.herder.putConnectorConfig(name, config.values))
    this.#logOf(name).info(`Changed connector ${name} (${path})`)
  }

  /** The new one is checked and made before the old one goes, and starts after: never do both do the same work. */
  async #rename(last: ConnectorFile, file: ConnectorFile, path: string): Promise<void> {
    const { herder } = this.#deps
    try {
      await createConnector(file, herder, 'STOPPED')
      await this.#delete(last.name)
    } catch (error) {
      if (!isTaken(error)) await this.#delete(file.name)
      throw error
    }
    const target = targetOf(file)
    if (target === 'STARTED') herder.resumeConnector(file.name)
    else if (target === 'PAUSED') herder.pauseConnector(file.name)
    this.#logOf(file.name).info(
      `Deleted connector ${last.name} and created connector ${file.name} in its place (${path})`,
    )
  }

  /** True when a name has become free. */
  async #removed(path: string): Promise<boolean> {
    const last = this.#good.get(path)
    this.#refused.delete(path)
    if (last === undefined) return false
    try {
      await this.#delete(last.name)
      this.#good.delete(path)
      this.#logOf(last.name).info(`Deleted connector ${last.name}: its file ${path} is gone`)
      return true
    } catch (error) {
      logFailure(
        this.#logOf(last.name),
        `Failed to delete connector ${last.name}, whose file ${path} is gone`,
        error,
      )
      return false
    }
  }

  /** Somebody may have deleted it through REST. */
  async #delete(name: string): Promise<void> {
    try {
      await this.#deps.herder.deleteConnector(name)
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error
    }
  }

  /** Settings that were taken stay, as in Kafka Connect, although the connector does not start with them. */
  #isAccepted({ name, config }: ConnectorFile, error: unknown): boolean {
    if (isTaken(error)) return false
    const info = this.#deps.herder.connector(name)
    return info !== null && isSameConfig(info.config, config.values)
  }

  /** Before they are applied, unless they are not going to be. */
  async #tellChanges({ name, config }: ConnectorFile, path: string): Promise<void> {
    const before = this.#deps.herder.connector(name)?.config ?? {}
    const after = await this.#validated(config.values)
    if (after === null || after.error_count > 0) return
    const passwords = new Set([...passwordsOf(await this.#validated(before)), ...passwordsOf(after)])
    const isSecret = (key: string) => isSecretName(key) || passwords.has(key)
    const lines = settingChanges(before, config.values, isSecret).map((line) => `\n  ${line}`)
    this.#logOf(name).info(`Changing connector ${name} as ${path} says:${lines.join('')}`)
  }

  /** null: not even that can be done; why is said when the settings are applied. */
  async #validated(config: RawConfig): Promise<ConfigInfos | null> {
    try {
      return (await this.#deps.catalog.validate(config['connector.class'] ?? '', config)) as ConfigInfos
    } catch {
      return null
    }
  }

  #logOf(name: string): Logger {
    return this.#log.inContext(`[${name}|worker] `)
  }
}

function passwordsOf(infos: ConfigInfos | null): readonly string[] {
  const secret = infos?.configs.filter(({ definition }) => definition?.type === 'PASSWORD') ?? []
  return secret.map(({ value }) => value.name)
}

/** The name belongs to another connector. */
function isTaken(error: unknown): boolean {
  return error instanceof ConfigError && error.cause instanceof AlreadyExistsError
}
