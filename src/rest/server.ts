import { toError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'
import type { OpenListener } from './advertised.ts'
import { HttpPort } from './http-port.ts'
import type { Listener } from './listener.ts'
import { type Route, Router } from './router.ts'
import { Site, type SiteOptions } from './site.ts'

export interface RestServerOptions extends SiteOptions {
  readonly listeners: readonly Listener[]
  /** null: the listeners serve the admin paths, too; empty: nobody does. */
  readonly adminListeners?: readonly Listener[] | null
}

/**
 * Serves the REST API on its listeners. They are open before there is anything to serve: until `serve` is
 * called every path answers 404, as in Kafka Connect.
 */
export class RestServer {
  readonly #log: Logger
  readonly #main: Site
  /** Without CORS, header rules and authentication, as in Kafka Connect. */
  readonly #admin: Site
  readonly #hasOwnAdmin: boolean
  readonly #ports: HttpPort[] = []
  readonly #adminPorts: HttpPort[] = []

  /** Throws ConfigError when an address cannot be listened on. */
  static async open(options: RestServerOptions, log: Logger): Promise<RestServer> {
    const rest = new RestServer(options, log)
    try {
      for (const listener of options.listeners) rest.#ports.push(await rest.#listen(listener, rest.#main))
      for (const listener of options.adminListeners ?? []) {
        rest.#adminPorts.push(await rest.#listen(listener, rest.#admin))
      }
    } catch (error) {
      await rest.close()
      throw error
    }
    return rest
  }

  private constructor(options: RestServerOptions, log: Logger) {
    this.#log = log.named('org.apache.kafka.connect.runtime.rest.RestServer')
    const { answerTimeoutMs, adminListeners = null } = options
    this.#main = new Site(options, this.#log)
    this.#admin = new Site(answerTimeoutMs === undefined ? {} : { answerTimeoutMs }, this.#log)
    this.#hasOwnAdmin = adminListeners !== null
  }

  /** The listeners in order, without the admin ones. */
  get openListeners(): readonly OpenListener[] {
    return this.#ports
  }

  get adminPorts(): readonly number[] {
    return this.#adminPorts.map(({ port }) => port)
  }

  /** The port of the first listener: the one chosen, where 0 was asked for. */
  get port(): number {
    return this.#ports[0]!.port
  }

  /** `stage`: what keeps the worker waiting, as a sentence for requests that time out. */
  serve(routes: readonly Route[], stage: () => string | null = () => null): void {
    const admin = routes.filter(({ path }) => path.startsWith('/admin/'))
    const main = this.#hasOwnAdmin ? routes.filter((route) => !admin.includes(route)) : routes
    this.#main.router = new Router(main)
    this.#admin.router = new Router(admin)
    this.#main.stage = stage
  }

  async close(): Promise<void> {
    await Promise.all([...this.#ports, ...this.#adminPorts].map((port) => port.close()))
  }

  async #listen(listener: Listener, site: Site): Promise<HttpPort> {
    const port = await HttpPort.open(
      listener,
      (exchange) => {
        // Whatever is left over is a mistake of ours: its connection must not wait for ever.
        site.serve(listener, exchange).catch((error: unknown) => {
          this.#log.error(`The answer to ${exchange.request.url} could not be sent.`, toError(error))
          exchange.response.destroy()
        })
      },
      this.#log,
    )
    const isOpenToAll = site.isOpenToAll && listener.tls?.clientAuth !== 'required'
    if (!listener.isLoopback && isOpenToAll) {
      const can = site === this.#main ? 'run connectors' : 'change log levels'
      this.#log.warn(
        `The REST API listens on ${port.text} without authentication: whoever reaches it can ${can}.`,
      )
    }
    this.#log.info(`REST API listens on ${port.text}${site === this.#admin ? ' (admin)' : ''}`)
    return port
  }
}
