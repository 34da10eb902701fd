import { promisify } from 'node:util'
import * as zlib from 'node:zlib'

type ZstdFunction = (
  bytes: Buffer,
  options: object,
  callback: (error: Error | null, result: Buffer) => void,
) => void

/** Node has zstd built in from 22.15 on; its types here are those of the oldest Node we run on. */
const builtIn = zlib as unknown as {
  zstdCompress?: ZstdFunction
  zstdDecompress?: ZstdFunction
  constants: Readonly<Record<string, number>>
}

export async function zstdCompress(bytes: Buffer, level: number): Promise<Buffer> {
  if (builtIn.zstdCompress !== undefined) {
    const params = { [builtIn.constants['ZSTD_c_compressionLevel']!]: level }
    return promisify(builtIn.zstdCompress)(bytes, { params })
  }
  const { Zstd } = await import('@hpcc-js/wasm-zstd')
  const compressed = (await Zstd.load()).compress(bytes, level)
  return Buffer.from(compressed.buffer, compressed.byteOffset, compressed.byteLength)
}

export async function zstdDecompress(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  if (builtIn.zstdDecompress !== undefined) {
    return promisify(builtIn.zstdDecompress)(bytes, { maxOutputLength: maxBytes })
  }
  const { Decompress } = await import('fzstd')
  const parts: Uint8Array[] = []
  let total = 0
  // As a stream, because frames need not say how large they will be.
  const stream = new Decompress((part) => {
    total += part.length
    if (total > maxBytes) throw new Error(`it has more than ${maxBytes} bytes`)
    parts.push(part.slice())
  })
  stream.push(bytes, true)
  return Buffer.concat(parts, total)
}
