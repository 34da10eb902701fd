/** The version of tsconnect; the bundle has it built in. */
export const version: string = process.env['TSCONNECT_VERSION'] ?? '0.0.0-dev'
