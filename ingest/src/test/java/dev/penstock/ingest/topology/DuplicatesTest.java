package dev.penstock.ingest.topology;

import java.util.Properties;

class DuplicatesTest extends DuplicatesContract {
    @Override
    SeenStores stores() {
        return SeenStores.inMemory();
    }

    @Override
    Properties settings() {
        return new Properties();
    }
}
