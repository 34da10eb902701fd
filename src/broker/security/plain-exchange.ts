import { LoginRefused, wrongCredentials, type Exchange, type ExchangeStep } from './exchange.ts'

/** PLAIN (RFC 4616): one message with the name and the password. */
export class PlainExchange implements Exchange {
  readonly #hasPassword: (name: string, password: string) => Promise<boolean>

  constructor(hasPassword: (name: string, password: string) => Promise<boolean>) {
    this.#hasPassword = hasPassword
  }

  async step(message: string): Promise<ExchangeStep> {
    const [actAs, name, password, ...others] = message.split('\0')
    if (actAs === undefined || !name || !password || others.length > 0) {
      throw new LoginRefused('a PLAIN message has a user name and a password, each behind a zero byte')
    }
    if (actAs !== '' && actAs !== name) throw new LoginRefused('nobody may act as another user')
    if (!(await this.#hasPassword(name, password))) throw wrongCredentials()
    return { answer: '', user: name }
  }
}
