/** A file of the bundle: beside the entry points, which is one above the shared chunks. */
export function distFile(name: string): URL {
  const here = new URL('./', import.meta.url)
  return new URL(here.pathname.endsWith('/chunks/') ? `../${name}` : name, here)
}
