import { WireError } from '../protocol/wire-reader.ts'

/** Smaller pieces of a large frame are put together: each would take far more memory than its bytes. */
const smallBytes = 65_536

/** Cuts a connection's bytes into frames: four bytes of length, then so many bytes. */
export class FrameAssembler {
  /** The largest frame allowed. */
  maxBytes: number
  #chunks: Buffer[] = []
  #bytes = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /** What has arrived and was not taken yet. */
  get bufferedBytes(): number {
    return this.#bytes
  }

  /** In how many pieces it lies. */
  get pieces(): number {
    return this.#chunks.length
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    this.#join()
  }

  /**
   * The next whole frame without its length, or null. Nothing is allocated for a frame before all of it has
   * arrived. Throws for a length that is negative or too large.
   */
  next(): Buffer | null {
    if (this.#bytes < 4) return null
    if (this.#chunks[0]!.length < 4) this.#chunks = [Buffer.concat(this.#chunks)]
    const head = this.#chunks[0]!
    const size = head.readInt32BE(0)
    if (size < 0 || size > this.maxBytes) {
      throw new WireError(`a request of ${size} bytes; between 0 and ${this.maxBytes} are allowed`)
    }
    if (this.#bytes < size + 4) return null
    this.#bytes -= size + 4
    if (head.length >= size + 4) {
      if (head.length === size + 4) this.#chunks.shift()
      else this.#chunks[0] = head.subarray(size + 4)
      return head.subarray(4, size + 4)
    }
    return this.#gather(size)
  }

  /** The last two pieces become one while neither is much smaller than the other: a byte is copied a few times only. */
  #join(): void {
    const chunks = this.#chunks
    for (let last = chunks.length - 1; last > 0; last--) {
      const bytes = chunks[last - 1]!.length + chunks[last]!.length
      if (chunks[last - 1]!.length > chunks[last]!.length || bytes > smallBytes) return
      chunks.splice(last - 1, 2, Buffer.concat(chunks.slice(last - 1), bytes))
    }
  }

  #gather(size: number): Buffer {
    const frame = Buffer.allocUnsafe(size)
    let taken = 0
    let from = 4
    let used = 0
    for (const chunk of this.#chunks) {
      const copied = chunk.copy(frame, taken, from, Math.min(chunk.length, from + size - taken))
      taken += copied
      if (from + copied < chunk.length) {
        this.#chunks[used] = chunk.subarray(from + copied)
        break
      }
      used++
      from = 0
      if (taken === size) break
    }
    this.#chunks.splice(0, used)
    return frame
  }
}
