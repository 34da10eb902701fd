/** The server's half of one mechanism, for one attempt to log in. */
export interface Exchange {
  /** Answers the client's next message. Throws LoginRefused. */
  step(message: string): Promise<ExchangeStep>
}

export interface ExchangeStep {
  readonly answer: string
  /** Who it is, once that is proven. */
  readonly user: string | null
}

/** The client is told the message, and hung up on: it must not say whether there is such a user. */
export class LoginRefused extends Error {
  override name = 'LoginRefused'
}

export function wrongCredentials(): LoginRefused {
  return new LoginRefused('wrong user name or password')
}
