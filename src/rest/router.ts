import { RestError } from './errors.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface RestRequest {
  readonly method: string
  /** As sent, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** Path parameters, decoded. */
  readonly params: Readonly<Record<string, string>>
  /** `http://host:port` as the client knows it. */
  readonly base: string
  /** The body as text; empty where there is none. */
  readonly body: string
}

export interface RestAnswer {
  readonly status: number
  /** Sent as JSON; undefined: no body. */
  readonly body?: unknown
  /** Sent as it is, instead of a body. */
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Route {
  readonly method: Method
  /** Segments; one like `{name}` matches any and becomes a parameter. */
  readonly path: string
  readonly handle: (request: RestRequest) => Promise<RestAnswer> | RestAnswer
}

/** What answers a request, once its body is read. */
export type Handler = (request: Omit<RestRequest, 'params'>) => Promise<RestAnswer> | RestAnswer

/** Finds the route of a request; 404, 405 and OPTIONS as Jersey answers them. */
export class Router {
  readonly #routes: readonly { segments: readonly string[]; route: Route }[]

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map((route) => ({ segments: segmentsOf(route.path), route }))
  }

  /** Throws RestError 404 or 405, and 400 for a path that cannot be decoded. */
  find(method: string, path: string): Handler {
    const segments = segmentsOf(path)
    const matching = this.#routes.filter((candidate) => matches(candidate.segments, segments))
    if (matching.length === 0) throw new RestError(404, 'HTTP 404 Not Found')
    if (method === 'OPTIONS') {
      return () => ({ status: 200, headers: { Allow: allowed(matching.map(({ route }) => route.method)) } })
    }
    const wanted = method === 'HEAD' ? 'GET' : method
    const found = matching.find(({ route }) => route.method === wanted)
    if (found === undefined) throw new RestError(405, 'HTTP 405 Method Not Allowed')
    const params = paramsOf(found.segments, segments)
    return (request) => found.route.handle({ ...request, params })
  }
}

function allowed(methods: readonly string[]): string {
  const withOwn = [...methods, 'OPTIONS', ...(methods.includes('GET') ? ['HEAD'] : [])]
  return [...new Set(withOwn)].sort().join(',')
}

/** A trailing slash means nothing, as in Jersey. */
function segmentsOf(path: string): readonly string[] {
  return path.replace(/^\//, '').replace(/\/$/, '').split('/')
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, i) => (part.startsWith('{') ? segments[i] !== '' : part === segments[i]))
  )
}

function paramsOf(pattern: readonly string[], segments: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {}
  for (const [i, part] of pattern.entries()) {
    if (part.startsWith('{')) params[part.slice(1, -1)] = decoded(segments[i]!)
  }
  return params
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new RestError(400, `The path segment ${segment} is not valid percent-encoding.`)
  }
}
