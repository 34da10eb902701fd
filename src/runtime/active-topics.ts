/** The topics that each connector has used, since its creation or the last reset; outlives the connector. */
export class ActiveTopics {
  readonly #topics = new Map<string, Set<string>>()

  /** The set that a connector's tasks add to. */
  of(connector: string): Set<string> {
    let topics = this.#topics.get(connector)
    if (topics === undefined) this.#topics.set(connector, (topics = new Set()))
    return topics
  }

  list(connector: string): readonly string[] {
    return [...(this.#topics.get(connector) ?? [])]
  }

  reset(connector: string): void {
    this.#topics.get(connector)?.clear()
  }
}
