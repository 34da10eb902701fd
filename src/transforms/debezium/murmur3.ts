/**
 * The hash that Debezium calls murmur: MurmurHash3 for 64-bit machines in an early form with other constants, of which
 * it takes the upper 32 bits. The bytes of the last, incomplete block count as signed.
 */
export function murmur3(bytes: Uint8Array): number {
  const state: State = {
    h1: 0x9368e53c2f6af274n ^ seed,
    h2: 0x586dcd208f7cd3fdn ^ seed,
    c1: 0x87c37b91114253d5n,
    c2: 0x4cf5ad432745937fn,
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const whole = bytes.length & ~15
  for (let at = 0; at < whole; at += 16) {
    mix(state, view.getBigUint64(at, true), view.getBigUint64(at + 8, true))
  }
  if (whole < bytes.length) mix(state, tail(view, whole), tail(view, whole + 8))
  return finish(state, BigInt(bytes.length))
}

const seed = 9001n

interface State {
  h1: bigint
  h2: bigint
  c1: bigint
  c2: bigint
}

function mix(state: State, block1: bigint, block2: bigint): void {
  const { c1, c2 } = state
  state.h1 = u64((state.h1 ^ scramble(block1, c1, c2)) + state.h2)
  state.h2 = u64((rotate(state.h2, 41n) ^ scramble(block2, c2, c1)) + state.h1)
  state.h1 = u64(state.h1 * 3n + 0x52dce729n)
  state.h2 = u64(state.h2 * 3n + 0x38495ab5n)
  state.c1 = u64(c1 * 5n + 0x7b7d159cn)
  state.c2 = u64(c2 * 5n + 0x6bce6396n)
}

function scramble(block: bigint, before: bigint, after: bigint): bigint {
  return u64(rotate(u64(block * before), 23n) * after)
}

/** Up to eight bytes from there on, each with its sign carried into those above it. */
function tail(view: DataView, from: number): bigint {
  let block = 0n
  for (let at = from; at < Math.min(from + 8, view.byteLength); at++) {
    block ^= BigInt(view.getInt8(at)) << BigInt(8 * (at - from))
  }
  return u64(block)
}

function finish(state: State, length: bigint): number {
  let { h1 } = state
  let h2 = state.h2 ^ length
  h1 = u64(h1 + h2)
  h2 = u64(h2 + h1)
  h1 = u64(avalanche(h1) + avalanche(h2))
  return Number(BigInt.asIntN(32, h1 >> 32n))
}

function avalanche(hash: bigint): bigint {
  let mixed = hash ^ (hash >> 33n)
  mixed = u64(mixed * 0xff51afd7ed558ccdn)
  mixed ^= mixed >> 33n
  mixed = u64(mixed * 0xc4ceb9fe1a85ec53n)
  return mixed ^ (mixed >> 33n)
}

function rotate(value: bigint, bits: bigint): bigint {
  return u64(value << bits) | (value >> (64n - bits))
}

function u64(value: bigint): bigint {
  return BigInt.asUintN(64, value)
}
