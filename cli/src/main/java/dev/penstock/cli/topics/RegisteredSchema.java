package dev.penstock.cli.topics;

/**
 * The newest schema of a subject.
 *
 * @param version counts the subject's schemas, from 1
 * @param id by which records name it
 * @param schema its JSON
 */
public record RegisteredSchema(int version, int id, String schema) {}
