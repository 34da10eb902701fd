import { ConnectError } from '../../errors.ts'

/** The bytes end before the object does: Java's EOFException. */
export class OutOfBytes extends Error {
  override name = 'OutOfBytes'
}

export interface JavaObject {
  readonly className: string
  readonly bytes?: Buffer
}

export interface MapListener {
  mapStarts(count: number): void
  mapEntry(key: JavaObject | null, value: JavaObject | null): void
}

interface ClassDesc {
  readonly className: string
  readonly fields: readonly string[]
  readonly hasWriteMethod: boolean
}

const tc = {
  null: 0x70,
  reference: 0x71,
  classDesc: 0x72,
  object: 0x73,
  string: 0x74,
  array: 0x75,
  blockData: 0x77,
  endBlockData: 0x78,
  longString: 0x7c,
}
const hashMapUid = 362498820763181265n
const fieldSizes: Readonly<Record<string, number>> = { B: 1, Z: 1, C: 2, S: 2, I: 4, F: 4, J: 8, D: 8 }

/**
 * As much of Java's object serialization as an offsets file needs: a HashMap of byte arrays, and enough of the rest to
 * name what else was found.
 */
export class JavaObjectReader {
  readonly #bytes: Buffer
  #at = 0
  readonly #handles: (JavaObject | ClassDesc | null)[] = []

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  header(): void {
    const header = this.#take(4).toString('hex').toUpperCase()
    if (header !== 'ACED0005') corrupted(`invalid stream header: ${header}`)
  }

  object(listener?: MapListener): JavaObject | null {
    const code = this.#take(1)[0]!
    switch (code) {
      case tc.null:
        return null
      case tc.reference:
        return this.#reference() as JavaObject
      case tc.string:
        this.#take(this.#take(2).readUInt16BE())
        return this.#remember({ className: 'java.lang.String' })
      case tc.longString:
        this.#take(Number(this.#take(8).readBigInt64BE()))
        return this.#remember({ className: 'java.lang.String' })
      case tc.array:
        return this.#array()
      case tc.object:
        return this.#plainObject(listener)
      default:
        return corrupted(`invalid type code: ${hex(code)}`)
    }
  }

  #plainObject(listener: MapListener | undefined): JavaObject {
    const { className, fields, hasWriteMethod } = this.#classDesc() ?? corrupted('object without class')
    const object = this.#remember({ className })
    // Only the map at the root is looked into; that anything else is here is error enough.
    if (className !== 'java.util.HashMap' || listener === undefined) return object
    for (const field of fields)
      this.#take(fieldSizes[field] ?? corrupted(`field of type ${field} in a HashMap`))
    if (!hasWriteMethod) corrupted('HashMap without its entries')
    this.#mapEntries(listener)
    return object
  }

  #mapEntries(listener: MapListener): void {
    const code = this.#take(1)[0]!
    if (code !== tc.blockData) corrupted(`invalid type code: ${hex(code)}`)
    const block = this.#take(this.#take(1)[0]!)
    if (block.length < 8) corrupted('HashMap without its counts')
    const count = block.readInt32BE(4)
    if (count < 0) throw new ConnectError(`java.io.InvalidObjectException: Illegal mappings count: ${count}`)
    listener.mapStarts(count)
    for (let entry = 0; entry < count; entry++) {
      const key = this.object()
      listener.mapEntry(key, this.object())
    }
    const end = this.#take(1)[0]!
    if (end !== tc.endBlockData) corrupted(`invalid type code: ${hex(end)}`)
  }

  #array(): JavaObject {
    const { className } = this.#classDesc() ?? corrupted('array without class')
    const index = this.#handles.push(null) - 1
    const length = this.#take(4).readInt32BE()
    if (className !== '[B') return { className }
    if (length < 0) corrupted('negative array length')
    const array = { className, bytes: this.#take(length) }
    this.#handles[index] = array
    return array
  }

  #classDesc(): ClassDesc | null {
    const code = this.#take(1)[0]!
    if (code === tc.null) return null
    if (code === tc.reference) return this.#reference() as ClassDesc
    if (code !== tc.classDesc) return corrupted(`invalid type code: ${hex(code)}`)
    const className = this.#utf()
    const uid = this.#take(8).readBigInt64BE()
    if (className === 'java.util.HashMap' && uid !== hashMapUid) {
      throw new ConnectError(
        `java.io.InvalidClassException: ${className}; local class incompatible: stream classdesc ` +
          `serialVersionUID = ${uid}, local class serialVersionUID = ${hashMapUid}`,
      )
    }
    const index = this.#handles.push(null) - 1
    const hasWriteMethod = (this.#take(1)[0]! & 1) !== 0
    const fields: string[] = []
    for (let left = this.#take(2).readUInt16BE(); left > 0; left--) {
      const type = String.fromCharCode(this.#take(1)[0]!)
      this.#utf()
      if (type === 'L' || type === '[') this.object()
      fields.push(type)
    }
    const end = this.#take(1)[0]!
    if (end !== tc.endBlockData) corrupted(`invalid type code: ${hex(end)}`)
    const desc = { className, fields, hasWriteMethod }
    this.#handles[index] = desc
    this.#classDesc()
    return desc
  }

  #reference(): JavaObject | ClassDesc {
    const handle = this.#take(4).readInt32BE() - 0x7e0000
    return this.#handles[handle] ?? corrupted(`invalid handle value: ${hex(handle + 0x7e0000)}`)
  }

  #remember(object: JavaObject): JavaObject {
    this.#handles.push(object)
    return object
  }

  #utf(): string {
    return this.#take(this.#take(2).readUInt16BE()).toString('utf8')
  }

  #take(length: number): Buffer {
    if (length < 0) corrupted('negative length')
    if (this.#at + length > this.#bytes.length) throw new OutOfBytes()
    return this.#bytes.subarray(this.#at, (this.#at += length))
  }
}

function corrupted(detail: string): never {
  throw new ConnectError(`java.io.StreamCorruptedException: ${detail}`)
}

function hex(value: number): string {
  return value.toString(16).toUpperCase().padStart(2, '0')
}
