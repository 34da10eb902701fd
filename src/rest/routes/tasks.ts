import { NotFoundError } from '../../errors.ts'
import { RestError } from '../errors.ts'
import type { Herder } from '../herder.ts'
import type { Route } from '../router.ts'
import { noContent, ok, taskNumber, taskStatusBody, unknownConnector } from './answers.ts'

/** The tasks of connectors. */
export function taskRoutes(herder: Herder): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/connectors/{name}/tasks',
      handle({ params }) {
        const tasks = herder.taskInfos(params['name']!)
        if (tasks === null) throw unknownConnector(params['name']!)
        return ok(tasks)
      },
    },
    {
      method: 'POST',
      path: '/connectors/{name}/tasks',
      handle() {
        throw new RestError(
          500,
          'Kafka Connect in standalone mode does not support externally setting task configurations.',
        )
      },
    },
    {
      method: 'GET',
      path: '/connectors/{name}/tasks/{task}/status',
      handle({ params }) {
        const [name, number] = [params['name']!, taskNumber(params['task']!)]
        const found = herder.connectorStatus(name)
        const body = found === null ? null : taskStatusBody(number, found, herder)
        if (body === null) throw new NotFoundError(`No status found for task ${name}-${number}`)
        return ok(body)
      },
    },
    {
      method: 'POST',
      path: '/connectors/{name}/tasks/{task}/restart',
      async handle({ params }) {
        await herder.restartTask(params['name']!, taskNumber(params['task']!))
        return noContent
      },
    },
    {
      method: 'PUT',
      path: '/connectors/{name}/fence',
      handle() {
        throw new RestError(
          500,
          'Kafka Connect in standalone mode does not support exactly-once source connectors.',
        )
      },
    },
  ]
}
