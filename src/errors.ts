/**
 * The error classes. Each name says what the caller should do about it; `javaClass` is the name that Kafka
 * Connect's users see in traces, dead-letter headers and REST answers.
 */
export class ConnectError extends Error {
  override name = 'ConnectError'
  readonly javaClass: string = 'org.apache.kafka.connect.errors.ConnectException'
}

/** Try the same thing again: the cause is expected to pass. */
export class RetriableError extends ConnectError {
  override name = 'RetriableError'
  override readonly javaClass: string = 'org.apache.kafka.connect.errors.RetriableException'
}

/** The data is not what the operation can work with; trying again will not help. */
export class DataError extends ConnectError {
  override name = 'DataError'
  override readonly javaClass: string = 'org.apache.kafka.connect.errors.DataException'
}

export class SchemaBuilderError extends DataError {
  override name = 'SchemaBuilderError'
  override readonly javaClass: string = 'org.apache.kafka.connect.errors.SchemaBuilderException'
}

export class SchemaProjectorError extends DataError {
  override name = 'SchemaProjectorError'
  override readonly javaClass: string = 'org.apache.kafka.connect.errors.SchemaProjectorException'
}

/** The thing asked for does not exist. */
export class NotFoundError extends ConnectError {
  override name = 'NotFoundError'
  override readonly javaClass: string = 'org.apache.kafka.connect.errors.NotFoundException'
}

/** The thing to be made exists already. */
export class AlreadyExistsError extends ConnectError {
  override name = 'AlreadyExistsError'
  override readonly javaClass: string = 'org.apache.kafka.connect.errors.AlreadyExistsException'
}

/** What was asked for cannot be done as it was put; nothing has happened. The cause, if any, says why. */
export class BadRequestError extends ConnectError {
  override name = 'BadRequestError'
  override readonly javaClass: string = 'org.apache.kafka.connect.runtime.rest.errors.BadRequestException'
}

/** A context was used in a state in which it may not be used. */
export class IllegalWorkerStateError extends ConnectError {
  override name = 'IllegalWorkerStateError'
  override readonly javaClass: string = 'org.apache.kafka.connect.errors.IllegalWorkerStateException'
}

/** A setting has to be changed: the one under `key`, where one is to blame. Not a ConnectError, as in Kafka. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly javaClass = 'org.apache.kafka.common.config.ConfigException'
  readonly key: string | undefined

  constructor(message: string, { key, cause }: { key?: string | undefined; cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.key = key
  }
}

/**
 * What a Kafka broker or the client answered. `code` is the protocol's error name, such as
 * `UNKNOWN_TOPIC_OR_PARTITION`, or null where the client itself gave up.
 */
export class KafkaError extends Error {
  override name = 'KafkaError'
  readonly javaClass: string
  readonly code: string | null
  readonly retriable: boolean

  constructor(
    message: string,
    {
      code = null,
      retriable = false,
      cause,
    }: { code?: string | null; retriable?: boolean; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.retriable = retriable
    this.javaClass = retriable
      ? 'org.apache.kafka.common.errors.RetriableException'
      : 'org.apache.kafka.common.KafkaException'
  }
}

/** Whether the same operation may well succeed when tried again: Connect's and Kafka's retriable errors. */
export function isRetriable(error: unknown): boolean {
  return error instanceof RetriableError || (error instanceof KafkaError && error.retriable)
}

/** Whatever was thrown, as an Error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
