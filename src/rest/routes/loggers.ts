import { type LogLevel, parseLevel } from '../../util/log/levels.ts'
import type { LoggerLevel, Loggers } from '../../util/log/loggers.ts'
import { type Logger, silentLogger } from '../../util/logger.ts'
import { RestError } from '../errors.ts'
import { readSettings } from '../json-body.ts'
import type { Route } from '../router.ts'
import { noContent, ok } from './answers.ts'

/** The levels of this worker's loggers: to see and to change while it runs. */
export function loggerRoutes(loggers: Loggers, log: Logger = silentLogger): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/admin/loggers',
      handle: () =>
        ok(Object.fromEntries(loggers.explicit().map(([name, found]) => [name, levelBody(found)]))),
    },
    {
      method: 'GET',
      path: '/admin/loggers/{logger}',
      handle({ params }) {
        const name = params['logger']!
        const found = loggers.find(name)
        if (found === null) throw new RestError(404, `Logger ${name} not found.`)
        return ok(levelBody(found))
      },
    },
    {
      method: 'PUT',
      path: '/admin/loggers/{logger}',
      handle({ params, query, body }) {
        const changed = loggers.change(params['logger']!, wantedLevel(body))
        const scope = query.get('scope') ?? 'worker'
        // There are no other workers to tell, only the answer differs.
        if (scope.toLowerCase() === 'cluster') return noContent
        if (scope.toLowerCase() !== 'worker') {
          log.warn(`The scope ${scope} of a change of log levels is unknown; taken for worker.`)
        }
        return ok(changed)
      },
    },
  ]
}

function levelBody({ level, lastModified }: LoggerLevel) {
  return { level, last_modified: lastModified }
}

function wantedLevel(body: string): LogLevel {
  const { level = null } = readSettings(body)
  if (level === null) throw new RestError(400, "Desired 'level' parameter was not specified in request.")
  const found = parseLevel(level)
  if (found === null) throw new RestError(404, `invalid log level '${level}'.`)
  return found
}
