import type { MaybePromise } from '../api/plugin.ts'
import { ConfigError, ConnectError } from '../errors.ts'

/** Asks a connector whether its offsets may be changed so. True: it knows that they are right. */
export async function hooked(
  name: string,
  kind: 'source' | 'sink',
  alterOffsets: () => MaybePromise<boolean> | undefined,
): Promise<boolean> {
  try {
    return (await alterOffsets()) ?? false
  } catch (error) {
    if (error instanceof ConnectError || error instanceof ConfigError) throw error
    throw new ConnectError(`Failed to modify offsets for ${kind} connector ${name}`, { cause: error })
  }
}
