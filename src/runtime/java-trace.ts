/**
 * An error as Java prints it, `class: message`, frames and causes: the form in which users of Kafka Connect
 * read, and programs parse, the trace of a failed task.
 */
export function javaTrace(error: Error): string {
  const seen = new Set<unknown>()
  let text = ''
  for (let at: unknown = error; at instanceof Error && !seen.has(at); at = at.cause) {
    if (seen.size > 0) text += 'Caused by: '
    seen.add(at)
    text += `${javaClassName(at)}${at.message === '' ? '' : `: ${at.message}`}\n${frames(at)}`
  }
  return text
}

/** The Java class that stands for an error: its own, or the one a Java program would have thrown. */
export function javaClassName(error: Error): string {
  if ('javaClass' in error && typeof error.javaClass === 'string') return error.javaClass
  if (error instanceof TypeError) return 'java.lang.NullPointerException'
  if (error instanceof RangeError || error instanceof SyntaxError) return 'java.lang.IllegalArgumentException'
  return 'code' in error ? 'java.io.IOException' : 'java.lang.RuntimeException'
}

function frames(error: Error): string {
  const lines = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return lines.map((line) => `\t${line.trim()}\n`).join('')
}
