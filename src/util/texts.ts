/** Texts in one buffer, as well-formed UTF-8: text i is `bytes[starts[i], ends[i])`. */
export interface Texts {
  readonly bytes: Uint8Array
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  readonly length: number
}
