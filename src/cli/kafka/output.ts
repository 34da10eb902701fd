import type { Writable } from 'node:stream'

/** Whoever read the output has gone, as `head` does. Not a failure. */
export class OutputClosed extends Error {
  override name = 'OutputClosed'
}

/** Standard output, or what stands for it. */
export class Output {
  readonly isTerminal: boolean
  readonly hasColour: boolean
  readonly #stream: Writable

  constructor(stream: Writable, { isTerminal = false, hasColour = false } = {}) {
    this.#stream = stream
    this.isTerminal = isTerminal
    this.hasColour = hasColour
    // The callback of each write hears of it, too.
    stream.on('error', () => {})
  }

  /** Resolves when it was taken. Throws OutputClosed when nobody reads any more, other errors as they are. */
  write(chunk: string | Buffer): Promise<void> {
    if (chunk.length === 0) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#stream.write(chunk, (error: NodeJS.ErrnoException | null | undefined) => {
        if (error == null) resolve()
        else reject(isClosed(error) ? new OutputClosed('Standard output was closed.') : error)
      })
    })
  }
}

function isClosed({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED' || code === 'ERR_STREAM_WRITE_AFTER_END'
}
