import { NotFoundError } from '../../errors.ts'
import type { Herder, Status } from '../herder.ts'
import type { RestRequest, Route } from '../router.ts'

/** What there is to know of connectors. */
export function connectorRoutes(herder: Herder): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/connectors',
      handle: (request) => ({ status: 200, body: list(herder, request) }),
    },
    get('/connectors/{name}', (name) => info(herder, name)),
    get('/connectors/{name}/config', (name) => info(herder, name).config),
    get('/connectors/{name}/status', (name) => status(herder, name)),
    get('/connectors/{name}/tasks', (name) => {
      const tasks = herder.taskInfos(name)
      if (tasks === null) throw unknown(name)
      return tasks
    }),
  ]
}

function get(path: string, body: (name: string) => unknown): Route {
  return { method: 'GET', path, handle: ({ params }) => ({ status: 200, body: body(params['name']!) }) }
}

function list(herder: Herder, { query }: RestRequest): unknown {
  const names = herder.connectors()
  if (!query.has('expand')) return names
  const expand = new Set(query.getAll('expand'))
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        ...(expand.has('status') ? { status: status(herder, name) } : {}),
        ...(expand.has('info') ? { info: info(herder, name) } : {}),
      },
    ]),
  )
}

function info(herder: Herder, name: string) {
  const found = herder.connector(name)
  if (found === null) throw unknown(name)
  const { config, tasks, type } = found
  return { name: found.name, config, tasks, type }
}

function status(herder: Herder, name: string) {
  const found = herder.connectorStatus(name)
  if (found === null) throw new NotFoundError(`No status found for connector ${name}`)
  const part = ({ state, trace }: Status) => ({
    state,
    worker_id: herder.workerId,
    version: found.version,
    ...(trace ? { trace } : {}),
  })
  return {
    name,
    connector: part(found.connector),
    tasks: found.tasks.map((task) => ({ id: task.id, ...part(task) })),
    type: found.type,
  }
}

function unknown(name: string): NotFoundError {
  return new NotFoundError(`Connector ${name} not found`)
}
