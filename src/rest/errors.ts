import { AlreadyExistsError, BadRequestError, NotFoundError, toError } from '../errors.ts'
import { redact } from '../util/secrets.ts'

/** An answer other than success, with a status of its own. */
export class RestError extends Error {
  override name = 'RestError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The one place where an error becomes a status (ConnectExceptionMapper). */
export function errorAnswer(thrown: unknown): {
  status: number
  body: { error_code: number; message: string }
} {
  const error = toError(thrown)
  const status = statusOf(error)
  return { status, body: { error_code: status, message: redact(error.message) } }
}

function statusOf(error: Error): number {
  if (error instanceof RestError) return error.status
  if (error instanceof BadRequestError) return 400
  if (error instanceof NotFoundError) return 404
  return error instanceof AlreadyExistsError ? 409 : 500
}
