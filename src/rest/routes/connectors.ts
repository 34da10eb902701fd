import { NotFoundError } from '../../errors.ts'
import { RestError } from '../errors.ts'
import type { Herder, RawConfig, TargetState } from '../herder.ts'
import { readCreateRequest, readSettings } from '../json-body.ts'
import type { RestRequest, Route } from '../router.ts'
import {
  accepted,
  created,
  infoBody,
  isTrue,
  noContent,
  ok,
  statusBody,
  unknownConnector,
} from './answers.ts'

const initialStates: Readonly<Record<string, TargetState>> = {
  RUNNING: 'STARTED',
  PAUSED: 'PAUSED',
  STOPPED: 'STOPPED',
}

/** Connectors: what there is to know of them, and all that can be done with them. */
export function connectorRoutes(herder: Herder): readonly Route[] {
  const nameOf = ({ params }: RestRequest) => params['name']!
  return [
    { method: 'GET', path: '/connectors', handle: (request) => ok(list(herder, request)) },
    { method: 'POST', path: '/connectors', handle: (request) => create(herder, request) },
    {
      method: 'GET',
      path: '/connectors/{name}',
      handle: (request) => ok(infoBody(info(herder, nameOf(request)))),
    },
    {
      method: 'DELETE',
      path: '/connectors/{name}',
      async handle(request) {
        await herder.deleteConnector(nameOf(request))
        return noContent
      },
    },
    {
      method: 'GET',
      path: '/connectors/{name}/config',
      handle: (request) => ok(info(herder, nameOf(request)).config),
    },
    {
      method: 'PUT',
      path: '/connectors/{name}/config',
      async handle(request) {
        const config = named(nameOf(request), readSettings(request.body))
        const { info: written, isNew } = await herder.putConnectorConfig(nameOf(request), config)
        return isNew ? created(written, request.base) : ok(infoBody(written))
      },
    },
    {
      method: 'PATCH',
      path: '/connectors/{name}/config',
      async handle(request) {
        const changes = readSettings(request.body)
        return ok(infoBody(await herder.patchConnectorConfig(nameOf(request), changes)))
      },
    },
    {
      method: 'GET',
      path: '/connectors/{name}/status',
      handle: (request) => ok(status(herder, nameOf(request))),
    },
    {
      method: 'POST',
      path: '/connectors/{name}/restart',
      handle: (request) => restart(herder, request),
    },
    {
      method: 'PUT',
      path: '/connectors/{name}/pause',
      handle(request) {
        herder.pauseConnector(nameOf(request))
        return accepted
      },
    },
    {
      method: 'PUT',
      path: '/connectors/{name}/resume',
      handle(request) {
        herder.resumeConnector(nameOf(request))
        return accepted
      },
    },
    {
      method: 'PUT',
      path: '/connectors/{name}/stop',
      async handle(request) {
        await herder.stopConnector(nameOf(request))
        return noContent
      },
    },
  ]
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
        ...(expand.has('info') ? { info: infoBody(info(herder, name)) } : {}),
      },
    ]),
  )
}

async function create(herder: Herder, { body, base }: RestRequest) {
  const request = readCreateRequest(body)
  const target = targetOf(request.initialState)
  const name = request.name.trim()
  if (request.config === null) throw new RestError(500, `The request to create ${name} has no "config".`)
  return created(await herder.createConnector(name, named(name, request.config), target), base)
}

/** Puts the name into the settings; one that is there must be the same. */
function named(name: string, config: RawConfig): RawConfig {
  const given = config['name']
  if (given === undefined) return { ...config, name }
  if (given === name) return config
  throw new RestError(
    400,
    `Connector name configuration (${given}) doesn't match connector name in the URL (${name})`,
  )
}

function targetOf(initialState: string | null): TargetState {
  if (initialState === null) return 'STARTED'
  const target = initialStates[initialState.toUpperCase()]
  if (target !== undefined) return target
  const type = 'org.apache.kafka.connect.runtime.rest.entities.CreateConnectorRequest'
  throw new RestError(
    500,
    `Cannot construct instance of \`${type}$InitialState\`, problem: No enum constant ${type}.InitialState.${initialState.toUpperCase()}. ` +
      'The initial state is one of RUNNING, PAUSED and STOPPED.',
  )
}

async function restart(herder: Herder, { params, query }: RestRequest) {
  const name = params['name']!
  const request = {
    includeTasks: isTrue(query.get('includeTasks')),
    onlyFailed: isTrue(query.get('onlyFailed')),
  }
  if (!request.includeTasks && !request.onlyFailed) {
    await herder.restartConnector(name)
    return noContent
  }
  const plan = await herder.restartConnectorAndTasks(name, request)
  return { status: 202, body: statusBody(name, plan, herder) }
}

function info(herder: Herder, name: string) {
  const found = herder.connector(name)
  if (found === null) throw unknownConnector(name)
  return found
}

function status(herder: Herder, name: string) {
  const found = herder.connectorStatus(name)
  if (found === null) throw new NotFoundError(`No status found for connector ${name}`)
  return statusBody(name, found, herder)
}
