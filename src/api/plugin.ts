import type { ConfigDef } from '../config/config-def.ts'

export type MaybePromise<T> = T | Promise<T>

/** Settings as text, as they stand in a connector file (variables resolved). */
export type Props = Readonly<Record<string, string | null>>

/** What every plugin says of itself. */
export interface Plugin<S> {
  /** Kafka's class name, or a short name of our own. */
  readonly name: string
  /** Further names. Simple and pruned names of `name` (`FileStreamSource`) need not be listed. */
  readonly aliases?: readonly string[]
  /** The plugin's version; that of tsconnect where it is missing. */
  readonly version?: string
  /** One paragraph for the reference pages. */
  readonly doc?: string
  /** Parser, type, validation and documentation of the settings in one. */
  readonly config: ConfigDef<S>
}
