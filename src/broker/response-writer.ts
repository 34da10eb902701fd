import { WireWriter } from '../protocol/wire-writer.ts'

/** A small request may ask for the same thing again and again: no answer, its records left out, is larger. */
const mostBytes = 33_554_432

/**
 * One response frame. Large pieces, such as fetched records, are not copied into it but sent from where they
 * are, between what was written before and after them.
 */
export class ResponseWriter extends WireWriter {
  readonly #pieces: { at: number; bytes: Buffer }[] = []
  #pieceBytes = 0

  constructor(correlationId: number, { flexible = false, hasTaggedHeader = false, capacity = 256 } = {}) {
    super({ capacity: Math.min(capacity, mostBytes), flexible, mostBytes })
    this.int32(0).int32(correlationId)
    if (hasTaggedHeader) this.int8(0)
  }

  /** Records with their length in front; they must not change any more. */
  records(bytes: Buffer): this {
    if (this.flexible) this.uvarint(bytes.length + 1)
    else this.int32(bytes.length)
    if (bytes.length > 0) {
      this.#pieces.push({ at: this.length, bytes })
      this.#pieceBytes += bytes.length
    }
    return this
  }

  /** The whole frame, in pieces to be sent one after another. Nothing may be written afterwards. */
  finish(): Buffer[] {
    const written = this.view()
    written.writeInt32BE(written.length + this.#pieceBytes - 4, 0)
    if (this.#pieces.length === 0) return [written]
    const frame: Buffer[] = []
    let from = 0
    for (const { at, bytes } of this.#pieces) {
      frame.push(written.subarray(from, at), bytes)
      from = at
    }
    if (from < written.length) frame.push(written.subarray(from))
    return frame
  }
}
