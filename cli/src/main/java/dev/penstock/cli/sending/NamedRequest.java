package dev.penstock.cli.sending;

import dev.penstock.ingest.producer.Request;

/** @param source file that it was made from, with the line where a file has several */
record NamedRequest(String source, Request request) {}
