import type { LogFile } from './log-file.ts'

const firstBlockBytes = 4096
const blockBytes = 262_144

/** A segment of a broker that keeps nothing: blocks of memory instead of a file. */
export class MemoryFile implements LogFile {
  #blocks: Buffer[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  append(bytes: Buffer): void {
    for (let from = 0; from < bytes.length;) {
      const block = this.#blockAt(this.#size)
      const at = this.#size % blockBytes
      const copied = bytes.copy(block, at, from, Math.min(bytes.length, from + block.length - at))
      from += copied
      this.#size += copied
    }
  }

  read(position: number, target: Buffer): number {
    const wanted = Math.min(target.length, this.#size - position)
    let done = 0
    while (done < wanted) {
      const at = position + done
      const block = this.#blocks[Math.floor(at / blockBytes)]!
      const from = at % blockBytes
      done += block.copy(target, done, from, Math.min(block.length, from + wanted - done))
    }
    return done
  }

  truncate(size: number): void {
    this.#size = size
    this.#blocks.length = Math.ceil(size / blockBytes)
  }

  sync(): Promise<void> {
    return Promise.resolve()
  }

  close(): void {
    // Nothing is held outside of memory.
  }

  remove(): void {
    this.truncate(0)
  }

  /** The block with room at `position`. Only the first one starts small: most topics of a test stay tiny. */
  #blockAt(position: number): Buffer {
    const number = Math.floor(position / blockBytes)
    const block = this.#blocks[number]
    if (block !== undefined && position % blockBytes < block.length) return block
    const bytes =
      number > 0 ? blockBytes : block === undefined ? firstBlockBytes : Math.min(blockBytes, block.length * 4)
    const bigger = Buffer.allocUnsafeSlow(bytes)
    block?.copy(bigger)
    this.#blocks[number] = bigger
    return bigger
  }
}
