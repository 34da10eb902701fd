import { NotFoundError } from '../../errors.ts'
import { RestError } from '../errors.ts'
import type { ConnectorInfo, ConnectorStatus, Herder, Status } from '../herder.ts'
import type { RestAnswer } from '../router.ts'

/** How the REST API shows what the herder knows: members in Kafka Connect's order. */

export function infoBody({ name, config, tasks, type }: ConnectorInfo) {
  return { name, config, tasks, type }
}

export function statusBody(name: string, found: ConnectorStatus, herder: Herder) {
  return {
    name,
    connector: statePart(found.connector, found, herder),
    tasks: found.tasks.map((task) => ({ id: task.id, ...statePart(task, found, herder) })),
    type: found.type,
  }
}

export function taskStatusBody(id: number, found: ConnectorStatus, herder: Herder) {
  const task = found.tasks.find((candidate) => candidate.id === id)
  return task === undefined ? null : { id, ...statePart(task, found, herder) }
}

function statePart({ state, trace }: Status, { version }: ConnectorStatus, { workerId }: Herder) {
  return { state, worker_id: workerId, version, ...(trace ? { trace } : {}) }
}

export function ok(body: unknown): RestAnswer {
  return { status: 200, body }
}

export const accepted: RestAnswer = { status: 202 }
export const noContent: RestAnswer = { status: 204 }

export function created(info: ConnectorInfo, base: string): RestAnswer {
  return {
    status: 201,
    body: infoBody(info),
    headers: { Location: `${base}/connectors/${encodeName(info.name)}` },
  }
}

export function unknownConnector(name: string): NotFoundError {
  return new NotFoundError(`Connector ${name} not found`)
}

/** A task number in a path; anything else is a path that does not exist. */
export function taskNumber(text: string): number {
  if (!/^[+-]?\d{1,10}$/.test(text)) throw new RestError(404, 'HTTP 404 Not Found')
  return Number(text)
}

/** Boolean.valueOf: whatever is not `true` is false. */
export function isTrue(text: string | null): boolean {
  return text?.toLowerCase() === 'true'
}

/** Percent-encodes what may not stand in a path; `/ ; & = + '` and the like stay, as in Kafka Connect's `Location`. */
function encodeName(name: string): string {
  return encodeURI(name).replace(/[?#[\]]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}
