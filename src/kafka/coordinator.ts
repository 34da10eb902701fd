import { KafkaError, toError } from '../errors.ts'
import type { Api } from './api.ts'
import { findCoordinatorApi } from './apis/groups.ts'
import type { Cluster, Purpose } from './cluster.ts'
import type { BrokerConnection, RequestOptions } from './connection.ts'
import { brokerError } from './error-codes.ts'

/** The broker that looks after one group, or one transactional id: looked up when first needed and whenever it has moved. */
export class Coordinator {
  readonly #cluster: Cluster
  readonly #key: string
  readonly #kind: 'group' | 'transaction'
  #address: { host: string; port: number } | null = null
  #finding: Promise<{ host: string; port: number }> | null = null

  constructor(cluster: Cluster, key: string, kind: 'group' | 'transaction' = 'group') {
    this.#cluster = cluster
    this.#key = key
    this.#kind = kind
  }

  /** Sends a request to the coordinator. A lost connection means that it is looked up again. */
  async request<Request, Response>(
    api: Api<Request, Response>,
    request: Request,
    options: RequestOptions & { purpose?: Purpose } = {},
  ): Promise<Response> {
    const connection = await this.#connection(options.purpose ?? 'main')
    try {
      return await connection.request(api, request, options)
    } catch (error) {
      this.forget()
      throw error
    }
  }

  /** It answered that it is not the coordinator (any more), or did not answer. */
  forget(): void {
    this.#address = null
  }

  /** Forgets the coordinator where an answer says so. */
  heed(error: number): void {
    if (error === 15 || error === 16) this.forget()
  }

  async #connection(purpose: Purpose): Promise<BrokerConnection> {
    if (this.#address === null) {
      this.#finding ??= this.#find().finally(() => (this.#finding = null))
      this.#address = await this.#finding
    }
    const connection = this.#cluster.connectionTo(this.#address, purpose)
    try {
      await connection.ready()
    } catch (error) {
      this.forget()
      throw error
    }
    return connection
  }

  async #find(): Promise<{ host: string; port: number }> {
    const doing = `Finding the coordinator of ${this.#kind} ${this.#key}`
    try {
      const connection = await this.#cluster.anyConnection()
      const { error, host, port } = await connection.request(findCoordinatorApi, {
        key: this.#key,
        kind: this.#kind,
      })
      if (error !== 0) throw brokerError(error, doing)
      return { host, port }
    } catch (thrown) {
      const error = toError(thrown)
      if (error instanceof KafkaError) throw error
      throw new KafkaError(`${doing} failed: ${error.message}`, { retriable: true, cause: error })
    }
  }
}
