/** Where the value of a setting comes from, and of which type it is, as DescribeConfigs says it. */
export const configSource = Object.freeze({ topic: 1, broker: 4, default: 5 })

export const configTypeCode = Object.freeze({ BOOLEAN: 1, STRING: 2, INT: 3, LONG: 5, DOUBLE: 6, LIST: 7 })
