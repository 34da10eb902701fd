const padded = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Base64 as Jackson reads it: padding is required, blanks may stand between groups of four. Null: not Base64. */
export function decodeBase64(text: string): Buffer | null {
  if (padded.test(text)) return Buffer.from(text, 'base64')
  const groups: Buffer[] = []
  for (let at = 0; at < text.length; at += 4) {
    while (text.charCodeAt(at) <= 0x20) at++
    if (at >= text.length) break
    const group = text.slice(at, at + 4)
    if (group.length < 4 || !padded.test(group)) return null
    groups.push(Buffer.from(group, 'base64'))
  }
  return Buffer.concat(groups)
}
