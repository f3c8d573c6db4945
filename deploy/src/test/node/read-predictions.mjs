// Reads decisions as somebody does who writes no Java: committed records only, decoded by the registry's schemas, as JSON
// lines, up to an offset of each partition.
//
//   node read-predictions.mjs --brokers localhost:9092 --registry http://localhost:8081 --until 0:41,1:37
import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import avro from 'avsc'
import { Kafka, logLevel } from 'kafkajs'

const { values: options } = parseArgs({
  options: {
    brokers: { type: 'string' },
    registry: { type: 'string' },
    topic: { type: 'string', default: 'predictions' },
    until: { type: 'string' },
  },
})

// JavaScript's own numbers have 53 bits, Avro's longs 64.
const longs = avro.types.LongType.__with({
  fromBuffer: (bytes) => bytes.readBigInt64LE(),
  toBuffer: (value) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(value)
    return bytes
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value) => typeof value === 'bigint',
  compare: (one, other) => (one === other ? 0 : one < other ? -1 : 1),
})

class TimestampMillis extends avro.types.LogicalType {
  _fromValue(millis) {
    return new Date(millis)
  }

  _toValue(date) {
    return date.getTime()
  }
}

const registry = new SchemaRegistry(
  { host: options.registry },
  {
    [SchemaType.AVRO]: {
      logicalTypes: { 'timestamp-millis': TimestampMillis },
      typeHook: (schema) => (schema === 'long' || (schema.type === 'long' && !schema.logicalType) ? longs : undefined),
    },
  },
)

/** What JSON has no number for becomes a text; a date the milliseconds since 1970. */
function asJson(value) {
  if (value instanceof Date) {
    return value.getTime()
  }
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))) {
    return String(value)
  }
  if (Array.isArray(value)) {
    return value.map(asJson)
  }
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, asJson(part)]))
  }
  return value
}

const kafka = new Kafka({ clientId: 'read-predictions', brokers: options.brokers.split(','), logLevel: logLevel.ERROR })
// Decisions of an exactly-once job come in transactions: what is not committed is not read.
const consumer = kafka.consumer({ groupId: `penstock-consumer-${randomUUID()}`, readUncommitted: false })
await consumer.connect()
await consumer.subscribe({ topics: [options.topic], fromBeginning: true })
const left = new Map(options.until.split(',').map((place) => place.split(':')).map(([partition, offset]) => [Number(partition), BigInt(offset)]))
await new Promise((resolve, reject) => {
  consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
  consumer.run({
    eachMessage: async ({ partition, message }) => {
      if (!left.has(partition)) {
        return
      }
      console.log(
        JSON.stringify({
          partition,
          offset: message.offset,
          key: message.key?.toString() ?? null,
          value: asJson(await registry.decode(message.value)),
        }),
      )
      if (BigInt(message.offset) >= left.get(partition)) {
        left.delete(partition)
      }
      if (left.size === 0) {
        resolve()
      }
    },
  })
})
await consumer.disconnect()
