import { WireWriter } from '../../../src/protocol/wire-writer.ts'

/** A part of a frame that a mutation can aim at. */
export interface Field {
  readonly kind: 'int8' | 'int16' | 'int32' | 'int64' | 'uvarint' | 'text' | 'array'
  readonly at: number
  readonly end: number
  /** Of an array: where its elements start; the count stands before the first. */
  readonly elements: readonly number[]
}

/** Writes a request and remembers where its numbers, texts and arrays are. */
export class FieldWriter extends WireWriter {
  readonly fields: Field[] = []

  override int8(value: number): this {
    return this.#noted('int8', () => super.int8(value))
  }

  override int16(value: number): this {
    return this.#noted('int16', () => super.int16(value))
  }

  override int32(value: number): this {
    return this.#noted('int32', () => super.int32(value))
  }

  override int64(value: number): this {
    return this.#noted('int64', () => super.int64(value))
  }

  override uvarint(value: number): this {
    return this.#noted('uvarint', () => super.uvarint(value))
  }

  override nullableString(value: string | null): this {
    return this.#noted('text', () => super.nullableString(value))
  }

  override nullableBytes(value: Uint8Array | null): this {
    return this.#noted('text', () => super.nullableBytes(value))
  }

  override array<T>(items: readonly T[] | null, item: (writer: this, value: T) => void): this {
    const elements: number[] = []
    return this.#noted(
      'array',
      () =>
        super.array(items, (writer, value) => {
          elements.push(this.length)
          item(writer, value)
        }),
      elements,
    )
  }

  #noted(kind: Field['kind'], write: () => void, elements: readonly number[] = []): this {
    const at = this.length
    write()
    this.fields.push({ kind, at, end: this.length, elements })
    return this
  }
}
