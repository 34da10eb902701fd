/** Texts in the order in which a java.util.HashMap, filled with them in the given order, lists its keys. */
export function javaHashOrder(texts: readonly string[]): string[] {
  let capacity = 16
  while (texts.length > capacity * 0.75) capacity *= 2
  const place = (text: string) => spread(hashCode(text)) & (capacity - 1)
  return [...texts].sort((a, b) => place(a) - place(b))
}

function hashCode(text: string): number {
  let hash = 0
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0
  return hash
}

function spread(hash: number): number {
  return hash ^ (hash >>> 16)
}
