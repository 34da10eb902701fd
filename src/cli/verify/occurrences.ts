/** Where each digest stands in a window that moves on: ascending positions, forgotten from the front. */
export class Occurrences {
  /** A number alone for the many that stand once. */
  readonly #positions = new Map<number, number | Places>()

  add(digest: number, position: number): void {
    const found = this.#positions.get(digest)
    if (found === undefined) this.#positions.set(digest, position)
    else if (typeof found === 'number') this.#positions.set(digest, { list: [found, position], start: 0 })
    else found.list.push(position)
  }

  /** Forgets the first one, which is `position`. */
  removeFirst(digest: number): void {
    const found = this.#positions.get(digest)
    if (found === undefined) return
    if (typeof found === 'number' || ++found.start === found.list.length) {
      this.#positions.delete(digest)
    } else if (found.start > 1000 && found.start * 2 > found.list.length) {
      found.list.splice(0, found.start)
      found.start = 0
    }
  }

  /** The first one from `from` on that is wanted, or -1. */
  first(digest: number, from: number, isWanted: (position: number) => boolean): number {
    const found = this.#positions.get(digest)
    if (found === undefined) return -1
    if (typeof found === 'number') return found >= from && isWanted(found) ? found : -1
    for (let i = lowerBound(found, from); i < found.list.length; i++) {
      if (isWanted(found.list[i]!)) return found.list[i]!
    }
    return -1
  }

  /** The last one up to `to` that is wanted, or -1. */
  last(digest: number, to: number, isWanted: (position: number) => boolean): number {
    const found = this.#positions.get(digest)
    if (found === undefined) return -1
    if (typeof found === 'number') return found <= to && isWanted(found) ? found : -1
    for (let i = lowerBound(found, to + 1) - 1; i >= found.start; i--) {
      if (isWanted(found.list[i]!)) return found.list[i]!
    }
    return -1
  }
}

interface Places {
  readonly list: number[]
  start: number
}

function lowerBound({ list, start }: Places, position: number): number {
  let low = start
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (list[middle]! < position) low = middle + 1
    else high = middle
  }
  return low
}
