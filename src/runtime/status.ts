import { redact } from '../util/secrets.ts'
import { javaTrace } from './java-trace.ts'
export type { TargetState } from '../rest/herder.ts'

/** The states of connectors and tasks, as Kafka Connect names them. */
export type State = 'UNASSIGNED' | 'RUNNING' | 'PAUSED' | 'STOPPED' | 'FAILED' | 'RESTARTING'

export interface Status {
  readonly state: State
  readonly trace: string | null
}

/** Hears of every change of state of one connector or task. */
export type StatusListener = (state: State, error?: Error) => void

/** Keeps the latest state of one connector or task. */
export class StatusHolder {
  #status: Status = { state: 'UNASSIGNED', trace: null }

  get current(): Status {
    return this.#status
  }

  readonly listener: StatusListener = (state, error) => {
    this.#status = { state, trace: error === undefined ? null : redact(javaTrace(error)) }
  }
}
