package dev.penstock.local;

/**
 * One version of a subject.
 *
 * @param version from 1, in order of registration
 * @param id the same for the same schema, whatever the subject
 * @param schema Avro's JSON, in the registry's canonical form
 */
record RegisteredSchema(String subject, int version, int id, String schema) {}
