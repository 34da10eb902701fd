/**
 * What the offset file says of a connector's place in the offsets topic. `making`: the topic may hold its offsets,
 * or not yet; `topic`: it does, and what it says counts; `left`: it did, and the file has gone on without it.
 */
export interface TopicMark {
  readonly state: 'making' | 'topic' | 'left'
  /** One more than the highest number of a task that ever had transactions. */
  readonly tasks: number
}

/** Offsets as texts, by key; null: deleted. */
export type OffsetTexts = ReadonlyMap<string, string | null>

export interface Found {
  readonly mark: TopicMark | null
  /** The connector's offsets in the file. */
  readonly file: OffsetTexts
  /** Its offsets in the topic, which is empty where there is no topic. */
  readonly topic: OffsetTexts
}

/**
 * Which of the two counts when they are brought together: what the other one is to be made of. `lost`: one of them
 * is missing or older than the other knows; going on would repeat or skip records.
 */
export type Verdict = 'file' | 'topic' | { readonly lost: 'topic' | 'file' }

export function judge({ mark, file, topic }: Found): Verdict {
  switch (mark?.state) {
    case 'topic': {
      const hasOffsets = [...file.values()].some((offset) => offset !== null)
      return topic.size === 0 && hasOffsets ? { lost: 'topic' } : 'topic'
    }
    case 'making':
      return topic.size > 0 ? 'topic' : 'file'
    case 'left':
      return 'file'
    case undefined:
      return topic.size > 0 ? { lost: 'file' } : 'file'
  }
}

/** What has to be set in `to` so that it says the same as `from`. */
export function differences(from: OffsetTexts, to: OffsetTexts): (readonly [string, string | null])[] {
  const changes: (readonly [string, string | null])[] = []
  for (const [key, value] of from) if ((to.get(key) ?? null) !== value) changes.push([key, value])
  for (const [key, value] of to) if (value !== null && !from.has(key)) changes.push([key, null])
  return changes
}
