import { WireReader } from '../../../src/protocol/wire-reader.ts'

type Layout = (r: WireReader, version: number) => void

/**
 * Reads an answer, whose length is taken off, as that of a request; throws where it is none. Nothing here comes from
 * the broker's own code: the layouts are those of Kafka's message definitions.
 */
export function readAnswer(
  frame: Buffer,
  request: { key: number; version: number; flexible: boolean },
): void {
  const { key, version, flexible } = request
  const reader = new WireReader(frame, { position: 4 })
  // A version of ApiVersions that is not offered is answered in the oldest layout.
  const isRefused = key === 18 && (version < 0 || version > 3)
  reader.flexible = flexible && !isRefused
  if (key !== 18) reader.tags()
  const layout = layouts[key]
  if (layout === undefined) throw new Error(`API ${key} was answered, which is not offered.`)
  layout(reader, isRefused ? 0 : version)
  if (reader.remaining > 0) throw new Error(`There are ${reader.remaining} bytes behind the answer.`)
}

/** Structures with their tags. */
const list = (r: WireReader, item: () => void) =>
  void r.nullableArray(() => {
    item()
    r.tags()
  })
const byPartition = (r: WireReader, partition: () => void) =>
  list(r, () => {
    r.string()
    list(r, partition)
  })
const errors: Layout = (r) => byPartition(r, () => void [r.int32(), r.int16()])
const throttle = (r: WireReader) => void r.int32()
const text = (r: WireReader) => void r.nullableString()

const offsetsOfGroup: Layout = (r, v) =>
  byPartition(r, () => {
    r.int32()
    r.int64()
    if (v >= 5) r.int32()
    text(r)
    r.int16()
  })

const alteredConfigs: Layout = (r) => {
  throttle(r)
  list(r, () => void [r.int16(), r.nullableString(), r.int8(), r.string()])
  r.tags()
}

const throttledErrors: Layout = (r, v) => {
  throttle(r)
  errors(r, v)
  r.tags()
}

const throttledError: Layout = (r) => {
  throttle(r)
  r.int16()
  r.tags()
}

const layouts: Record<number, Layout> = {
  0: (r, v) => {
    byPartition(r, () => {
      r.int32()
      r.int16()
      r.int64()
      if (v >= 2) r.int64()
      if (v >= 5) r.int64()
      if (v < 8) return
      list(r, () => void [r.int32(), r.nullableString()])
      text(r)
    })
    if (v >= 1) throttle(r)
    r.tags()
  },
  1: (r, v) => {
    throttle(r)
    if (v >= 7) void [r.int16(), r.int32()]
    byPartition(r, () => {
      void [r.int32(), r.int16(), r.int64(), r.int64()]
      if (v >= 5) r.int64()
      list(r, () => void [r.int64(), r.int64()])
      if (v >= 11) r.int32()
      r.nullableBytes()
    })
    r.tags()
  },
  2: (r, v) => {
    if (v >= 2) throttle(r)
    byPartition(r, () => {
      void [r.int32(), r.int16(), r.int64(), r.int64()]
      if (v >= 4) r.int32()
    })
    r.tags()
  },
  3: (r, v) => {
    if (v >= 3) throttle(r)
    list(r, () => {
      void [r.int32(), r.string(), r.int32()]
      if (v >= 1) text(r)
    })
    if (v >= 2) text(r)
    if (v >= 1) r.int32()
    list(r, () => {
      void [r.int16(), r.string()]
      if (v >= 1) r.boolean()
      list(r, () => {
        void [r.int16(), r.int32(), r.int32()]
        if (v >= 7) r.int32()
        r.array(() => r.int32())
        r.array(() => r.int32())
        if (v >= 5) r.array(() => r.int32())
      })
      if (v >= 8) r.int32()
    })
    if (v >= 8) r.int32()
    r.tags()
  },
  8: (r, v) => {
    if (v >= 3) throttle(r)
    errors(r, v)
    r.tags()
  },
  9: (r, v) => {
    if (v >= 3) throttle(r)
    if (v < 8) {
      offsetsOfGroup(r, v)
      if (v >= 2) r.int16()
    } else {
      list(r, () => {
        r.string()
        offsetsOfGroup(r, v)
        r.int16()
      })
    }
    r.tags()
  },
  10: (r, v) => {
    if (v >= 1) throttle(r)
    if (v < 4) {
      r.int16()
      if (v >= 1) text(r)
      void [r.int32(), r.string(), r.int32()]
    } else list(r, () => void [r.string(), r.int32(), r.string(), r.int32(), r.int16(), r.nullableString()])
    r.tags()
  },
  11: (r, v) => {
    if (v >= 2) throttle(r)
    void [r.int16(), r.int32()]
    if (v >= 7) void [r.nullableString(), r.nullableString()]
    else r.string()
    r.string()
    if (v >= 9) r.boolean()
    r.string()
    list(r, () => {
      r.string()
      if (v >= 5) text(r)
      r.bytes()
    })
    r.tags()
  },
  12: (r, v) => {
    if (v >= 1) throttle(r)
    r.int16()
    r.tags()
  },
  13: (r, v) => {
    if (v >= 1) throttle(r)
    r.int16()
    if (v >= 3) list(r, () => void [r.string(), r.nullableString(), r.int16()])
    r.tags()
  },
  14: (r, v) => {
    if (v >= 1) throttle(r)
    r.int16()
    if (v >= 5) void [r.nullableString(), r.nullableString()]
    r.bytes()
    r.tags()
  },
  15: (r, v) => {
    if (v >= 1) throttle(r)
    list(r, () => {
      void [r.int16(), r.string(), r.string(), r.string(), r.string()]
      list(r, () => {
        r.string()
        if (v >= 4) text(r)
        void [r.string(), r.string(), r.bytes(), r.bytes()]
      })
      if (v >= 3) r.int32()
    })
    r.tags()
  },
  16: (r, v) => {
    if (v >= 1) throttle(r)
    r.int16()
    list(r, () => {
      void [r.string(), r.string()]
      if (v >= 4) r.string()
    })
    r.tags()
  },
  17: (r) => void [r.int16(), r.array(() => r.string())],
  18: (r, v) => {
    r.int16()
    list(r, () => void [r.int16(), r.int16(), r.int16()])
    if (v >= 1) throttle(r)
    r.tags()
  },
  19: (r, v) => {
    throttle(r)
    list(r, () => {
      r.string()
      if (v >= 7) r.uuid()
      void [r.int16(), r.nullableString()]
      if (v < 5) return
      void [r.int32(), r.int16()]
      list(r, () => void [r.string(), r.nullableString(), r.boolean(), r.int8(), r.boolean()])
    })
    r.tags()
  },
  20: (r, v) => {
    throttle(r)
    list(r, () => {
      if (v >= 6) void [r.nullableString(), r.uuid()]
      else r.string()
      r.int16()
      if (v >= 5) text(r)
    })
    r.tags()
  },
  21: (r) => {
    throttle(r)
    byPartition(r, () => void [r.int32(), r.int64(), r.int16()])
    r.tags()
  },
  22: (r) => {
    throttle(r)
    void [r.int16(), r.int64(), r.int16()]
    r.tags()
  },
  23: (r) => {
    throttle(r)
    byPartition(r, () => void [r.int16(), r.int32(), r.int32(), r.int64()])
    r.tags()
  },
  24: throttledErrors,
  25: throttledError,
  26: throttledError,
  28: throttledErrors,
  32: (r, v) => {
    throttle(r)
    list(r, () => {
      void [r.int16(), r.nullableString(), r.int8(), r.string()]
      list(r, () => {
        void [r.string(), r.nullableString(), r.boolean(), r.int8(), r.boolean()]
        list(r, () => void [r.string(), r.nullableString(), r.int8()])
        if (v >= 3) void [r.int8(), r.nullableString()]
      })
    })
    r.tags()
  },
  33: alteredConfigs,
  36: (r, v) => {
    void [r.int16(), r.nullableString(), r.bytes()]
    if (v >= 1) r.int64()
    r.tags()
  },
  37: (r) => {
    throttle(r)
    list(r, () => void [r.string(), r.int16(), r.nullableString()])
    r.tags()
  },
  42: (r) => {
    throttle(r)
    list(r, () => void [r.string(), r.int16()])
    r.tags()
  },
  44: alteredConfigs,
  47: (r) => {
    r.int16()
    throttle(r)
    r.array(() => [r.string(), r.array(() => [r.int32(), r.int16()])])
  },
  60: (r, v) => {
    throttle(r)
    void [r.int16(), r.nullableString()]
    if (v >= 1) r.int8()
    void [r.string(), r.int32()]
    list(r, () => void [r.int32(), r.string(), r.int32(), r.nullableString()])
    r.int32()
    r.tags()
  },
}
