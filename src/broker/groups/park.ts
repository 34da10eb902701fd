import type { Waiter } from './member.ts'

/** A promise that somebody resolves later; when the connection goes before, the place is cleared. */
export function park<T>(
  onDisconnect: (listener: () => void) => () => void,
  place: { set(waiter: Waiter<T>): void; isStill(waiter: Waiter<T>): boolean; clear(): void },
): Promise<T> {
  return new Promise((resolve) => {
    const stopListening = onDisconnect(() => {
      if (place.isStill(waiter)) place.clear()
    })
    const waiter: Waiter<T> = {
      resolve(result) {
        stopListening()
        resolve(result)
      },
    }
    place.set(waiter)
  })
}
