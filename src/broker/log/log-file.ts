/**
 * Where the bytes of one segment are. Appending and reading are synchronous: they meet the page cache, and a
 * broker has a thread of its own; only what waits for the disk itself (`sync`) is asynchronous.
 */
export interface LogFile {
  readonly size: number
  /** Adds all the bytes, or none and throws. */
  append(bytes: Buffer): void
  /** Fills `target` from `position` on; gives the bytes read, fewer only at the end. */
  read(position: number, target: Buffer): number
  /** Throws away what lies behind `size`. */
  truncate(size: number): void
  /** Resolves when everything appended before the call is on the disk. */
  sync(): Promise<void>
  close(): void
  remove(): void
}
