import { KafkaError } from '../errors.ts'
import { isOutOfDescriptors } from './descriptors.ts'

/**
 * What kafkajs, the socket or TLS threw, as a KafkaError. Everything about a connection passes in time,
 * except refused credentials and certificates: trying those again would only lock accounts.
 */
export function connectionError(
  error: Error & { code?: unknown; type?: unknown },
  broker: string,
): KafkaError {
  if (error instanceof KafkaError) return error
  // kafkajs puts its own words before those of the socket.
  const message = error.message.replace(/^Connection error: /, '').trim()
  if (error.name === 'KafkaJSSASLAuthenticationError' && !isNetworkTrouble(message)) {
    return new KafkaError(`${broker} refused to authenticate this client: ${message}.`, {
      code: 'SASL_AUTHENTICATION_FAILED',
      cause: error,
    })
  }
  if (error.type === 'ILLEGAL_SASL_STATE' || error.type === 'UNSUPPORTED_SASL_MECHANISM') {
    return new KafkaError(`${broker} does not take this client's SASL mechanism on this port: ${message}.`, {
      code: error.type,
      cause: error,
    })
  }
  const code = typeof error.code === 'string' ? error.code : ''
  if (isCertificateTrouble(code, message)) {
    return new KafkaError(`The TLS handshake with ${broker} failed: ${message}.`, {
      code: 'SSL_AUTHENTICATION_FAILED',
      cause: error,
    })
  }
  if (isOutOfDescriptors(error)) {
    return new KafkaError(
      `No file descriptor is left for a connection to ${broker} (ulimit -n): ${message}.`,
      {
        code: 'NETWORK_EXCEPTION',
        retriable: true,
        cause: error,
      },
    )
  }
  return new KafkaError(`${message}.`, { code: 'NETWORK_EXCEPTION', retriable: true, cause: error })
}

/** kafkajs calls every failure during authentication an authentication failure. */
function isNetworkTrouble(message: string): boolean {
  return /Closed connection|Connection closed|Connection error|Connection timeout|Timed out|Not connected|client was closed/i.test(
    message,
  )
}

function isCertificateTrouble(code: string, message: string): boolean {
  return (
    /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|ERR_SSL_)/.test(
      code,
    ) ||
    (code === 'EPROTO' && /alert|certificate|version/i.test(message))
  )
}
