import { createDecipheriv, createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto'

export interface Pkcs12 {
  /** As PEM, in the order of the file. */
  readonly certificates: readonly string[]
  /** As PEM; encrypted ones stay so, with the password of the store as a rule. */
  readonly keys: readonly string[]
}

/**
 * What a PKCS12 store holds. Node reads such a store only where it also holds a private key, which a trust store
 * does not, and trusts every certificate in it, which a key store does not ask for. Reads what Java's keytool and
 * OpenSSL write today (PBES2 with AES), and the older triple DES; throws what else it finds.
 */
export function readPkcs12(bytes: Buffer, password: string): Pkcs12 {
  const [, authSafe, mac] = items(parse(bytes))
  const [type, content] = items(authSafe!)
  if (oidOf(type!) !== oids.data) throw new Error('its contents are signed, not protected by a password')
  const safe = octets(items(content!)[0]!)
  if (mac !== undefined) verify(mac, safe, password)
  const certificates: string[] = []
  const keys: string[] = []
  for (const info of items(parse(safe))) {
    for (const bag of items(parse(contentOf(info, password)))) {
      const [bagType, bagValue] = items(bag)
      const type = oidOf(bagType!)
      if (type === oids.certificateBag) {
        const [, certificate] = items(items(bagValue!)[0]!)
        certificates.push(pem('CERTIFICATE', octets(items(certificate!)[0]!)))
      } else if (type === oids.encryptedKeyBag) keys.push(pem('ENCRYPTED PRIVATE KEY', bagValue!.bytes))
      else if (type === oids.keyBag) keys.push(pem('PRIVATE KEY', bagValue!.bytes))
    }
  }
  return { certificates, keys }
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

const oids = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  keyBag: '1.2.840.113549.1.12.10.1.1',
  encryptedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  pbes2: '1.2.840.113549.1.5.13',
  pbeTripleDes: '1.2.840.113549.1.12.1.3',
}

const digests: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
}

const ciphers: Readonly<Record<string, { name: string; keyBytes: number }>> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keyBytes: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keyBytes: 24 },
  '2.16.840.1.101.3.4.1.42': { name: 'aes-256-cbc', keyBytes: 32 },
  '1.2.840.113549.3.7': { name: 'des-ede3-cbc', keyBytes: 24 },
}

function verify(mac: Der, safe: Buffer, password: string): void {
  const [digestInfo, salt, iterations] = items(mac)
  const [algorithm, digest] = items(digestInfo!)
  const hash = digests[oidOf(items(algorithm!)[0]!)]
  if (hash === undefined) throw new Error('its checksum is of an unknown kind')
  const size = createHash(hash).digest().length
  const count = iterations === undefined ? 1 : integer(iterations)
  const key = deriveKey({ hash, password, salt: octets(salt!), count, purpose: 3, bytes: size })
  const expected = createHmac(hash, key).update(safe).digest()
  const found = octets(digest!)
  if (found.length !== expected.length || !timingSafeEqual(found, expected)) {
    throw new Error('the password is wrong, or it is damaged')
  }
}

function contentOf(info: Der, password: string): Buffer {
  const [type, content] = items(info)
  if (oidOf(type!) === oids.data) return octets(items(content!)[0]!)
  if (oidOf(type!) !== oids.encryptedData) throw new Error('it is protected by a key instead of a password')
  const [, encrypted] = items(items(content!)[0]!)
  const [, algorithm, bytes] = items(encrypted!)
  const [oid, parameters] = items(algorithm!)
  const data = octets(bytes!)
  if (oidOf(oid!) === oids.pbes2) return decryptPbes2(parameters!, data, password)
  if (oidOf(oid!) === oids.pbeTripleDes) {
    const [salt, iterations] = items(parameters!)
    const common = { hash: 'sha1', password, salt: octets(salt!), count: integer(iterations!) }
    const key = deriveKey({ ...common, purpose: 1, bytes: 24 })
    return decrypt('des-ede3-cbc', key, deriveKey({ ...common, purpose: 2, bytes: 8 }), data)
  }
  throw new Error(`it is encrypted with an algorithm that is out of use (${oidOf(oid!)})`)
}

function decryptPbes2(parameters: Der, data: Buffer, password: string): Buffer {
  const [derivation, encryption] = items(parameters)
  const [salt, iterations, ...rest] = items(items(derivation!)[1]!)
  const prf = rest.find(({ tag }) => tag === 0x30)
  const hash = prf === undefined ? 'sha1' : digests[oidOf(items(prf)[0]!)]
  const [cipherOid, iv] = items(encryption!)
  const cipher = ciphers[oidOf(cipherOid!)]
  if (hash === undefined || cipher === undefined) throw new Error('it is encrypted with an unknown algorithm')
  const key = pbkdf2Sync(password, octets(salt!), integer(iterations!), cipher.keyBytes, hash)
  return decrypt(cipher.name, key, octets(iv!), data)
}

function decrypt(cipher: string, key: Buffer, iv: Buffer, data: Buffer): Buffer {
  const decipher = createDecipheriv(cipher, key, iv)
  return Buffer.concat([decipher.update(data), decipher.final()])
}

interface Derivation {
  readonly hash: string
  readonly password: string
  readonly salt: Buffer
  readonly count: number
  /** 1: key, 2: initial vector, 3: checksum. */
  readonly purpose: number
  readonly bytes: number
}

/** The key derivation of PKCS12 itself: RFC 7292, appendix B.2. */
function deriveKey({ hash, password, salt, count, purpose, bytes }: Derivation): Buffer {
  const block = hash === 'sha384' || hash === 'sha512' ? 128 : 64
  const filled = (source: Buffer) =>
    source.length === 0 ? source : Buffer.alloc(Math.ceil(source.length / block) * block, source)
  // UTF-16, big end first, with a zero at the end.
  const secret = Buffer.from(`${password}\0`, 'utf16le').swap16()
  const input = Buffer.concat([filled(salt), filled(secret)])
  const parts: Buffer[] = []
  for (let length = 0; length < bytes;) {
    let digest = createHash(hash).update(Buffer.alloc(block, purpose)).update(input).digest()
    for (let i = 1; i < count; i++) digest = createHash(hash).update(digest).digest()
    parts.push(digest)
    length += digest.length
    const addend = Buffer.alloc(block, digest)
    for (let start = 0; start < input.length; start += block) {
      let carry = 1
      for (let i = block - 1; i >= 0; i--) {
        carry += input[start + i]! + addend[i]!
        input[start + i] = carry & 0xff
        carry >>>= 8
      }
    }
  }
  return Buffer.concat(parts).subarray(0, bytes)
}

/** One element of DER (or BER with indefinite lengths, which some tools write). */
interface Der {
  readonly tag: number
  readonly bytes: Buffer
}

function parse(bytes: Buffer): Der {
  return readElement(bytes, 0).element
}

function items({ bytes }: Der): Der[] {
  const found: Der[] = []
  for (let at = 0; at < bytes.length;) {
    const { element, end } = readElement(bytes, at)
    found.push(element)
    at = end
  }
  return found
}

function readElement(bytes: Buffer, start: number): { element: Der; end: number } {
  const tag = bytes[start]
  const first = bytes[start + 1]
  if (tag === undefined || first === undefined) throw new Error('it is damaged')
  let at = start + 2
  let length = first
  if (first === 0x80) {
    let end = at
    while (bytes[end] !== 0 || bytes[end + 1] !== 0) end = readElement(bytes, end).end
    return { element: { tag, bytes: bytes.subarray(at, end) }, end: end + 2 }
  }
  if (first > 0x80) {
    const size = first & 0x7f
    if (size > 4 || at + size > bytes.length) throw new Error('it is damaged')
    length = bytes.readUIntBE(at, size)
    at += size
  }
  if (at + length > bytes.length) throw new Error('it is damaged')
  return { element: { tag, bytes: bytes.subarray(at, at + length) }, end: at + length }
}

/** An octet string's bytes, also where it is made up of several. */
function octets(element: Der): Buffer {
  return (element.tag & 0x20) === 0 ? element.bytes : Buffer.concat(items(element).map(octets))
}

function integer({ bytes }: Der): number {
  return bytes.length === 0 || bytes.length > 6 ? 0 : bytes.readUIntBE(0, bytes.length)
}

function oidOf({ tag, bytes }: Der): string {
  if (tag !== 0x06 || bytes.length === 0) throw new Error('it is damaged')
  const parts = [Math.min(2, Math.floor(bytes[0]! / 40)), 0]
  parts[1] = bytes[0]! - parts[0]! * 40
  let value = 0
  for (const byte of bytes.subarray(1)) {
    value = value * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      parts.push(value)
      value = 0
    }
  }
  return parts.join('.')
}
