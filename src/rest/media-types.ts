/** Whether an `Accept` header lets through what the REST API speaks: `application/json`. */
export function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true
  return accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const isRefused = parameters.some((parameter) => /^q\s*=\s*0(?:\.0*)?$/.test(parameter))
    return !isRefused && ['*/*', 'application/*', 'application/json'].includes(type)
  })
}
