import { type ConnectorFile, readConnectorFile } from '../config/connector-file.ts'
import { positionText, type Sourced } from '../config/properties.ts'
import { AlreadyExistsError, BadRequestError, ConfigError } from '../errors.ts'
import { InvalidConnectorError } from '../runtime/connector-settings.ts'
import type { Herder, TargetState } from '../rest/herder.ts'
import type { Logger } from '../util/logger.ts'
import { logFailure } from './run-standalone.ts'
import type { RunningWorker } from './start-worker.ts'
import { placed, warnOfDuplicates } from './worker-file.ts'

const targets: Record<NonNullable<ConnectorFile['initialState']>, TargetState> = {
  RUNNING: 'STARTED',
  PAUSED: 'PAUSED',
  STOPPED: 'STOPPED',
}

/** Creates the connectors of these files, one after the other. False at the first that fails; it is logged. */
export async function createConnectors(
  files: readonly string[],
  { herder }: RunningWorker,
  log: Logger,
): Promise<boolean> {
  for (const path of files) {
    try {
      const file = readConnectorFile(path)
      warnOfDuplicates(file.config, log)
      await createConnector(file, herder)
      log.info(`Created connector ${file.name}`)
    } catch (error) {
      logFailure(log, `Failed to create connector for ${path}`, error)
      return false
    }
  }
  return true
}

export async function createConnector(
  file: ConnectorFile,
  herder: Herder,
  target: TargetState = targetOf(file),
): Promise<void> {
  await blaming(file.config, () => herder.createConnector(file.name, file.config.values, target))
}

/** What the connector of a file is meant to do. */
export function targetOf({ initialState }: ConnectorFile): TargetState {
  return targets[initialState ?? 'RUNNING']
}

/** Runs a step that settings of this file may make fail; the error names the places of those that are to blame. */
export async function blaming<T>(config: Sourced, step: () => Promise<T>): Promise<T> {
  return placed(config, async () => {
    try {
      return await step()
    } catch (thrown) {
      const error = thrown instanceof BadRequestError ? (thrown.cause ?? thrown) : thrown
      if (error instanceof InvalidConnectorError) throw explained(error, config)
      if (error instanceof AlreadyExistsError)
        throw new ConfigError(`${error.message}.`, { key: 'name', cause: error })
      throw error
    }
  })
}

/** The same problems, each with the place of the setting that is to blame. */
function explained({ problems }: InvalidConnectorError, config: Sourced): Error {
  return new InvalidConnectorError(
    problems.map(({ key, message }) => {
      const origin = config.origin(key)
      return { key, message: `${message} (${origin === undefined ? config.file : positionText(origin)})` }
    }),
  )
}
