package dev.penstock.ingest;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.WriteBufferManager;

/**
 * One cache and one budget of write buffers for all RocksDB instances of the process, of which there are several for
 * each partition; by default each would take its own 100 MB. Kafka Streams creates it by name.
 *
 * @see <a href="https://kafka.apache.org/42/documentation/streams/developer-guide/memory-mgmt.html#rocksdb">Kafka
 *     Streams on RocksDB's memory</a>
 */
public final class BoundedMemory implements RocksDBConfigSetter {
    /** Key in Kafka Streams' settings: bytes for all instances. */
    static final String BYTES = "penstock.state-memory.bytes";

    private static final int BLOCK_BYTES = 4 * 1024;
    private static final long WRITE_BUFFER_BYTES = 4L << 20;

    /** Native memory that lives as long as the process: stores open and close while others use it. */
    private static Budget budget;

    private record Budget(Cache cache, WriteBufferManager writeBuffers) {}

    @Override
    public void setConfig(String storeName, Options options, Map<String, Object> configs) {
        Budget shared = budget(Long.parseLong(String.valueOf(configs.get(BYTES))));
        BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
        table.setBlockCache(shared.cache());
        table.setBlockSize(BLOCK_BYTES);
        table.setCacheIndexAndFilterBlocks(true);
        table.setCacheIndexAndFilterBlocksWithHighPriority(true);
        options.setTableFormatConfig(table);
        options.setWriteBufferManager(shared.writeBuffers());
        options.setWriteBufferSize(WRITE_BUFFER_BYTES);
        options.setMaxWriteBufferNumber(2);
    }

    private static synchronized Budget budget(long bytes) {
        if (budget == null) {
            Cache cache = new LRUCache(bytes, -1, false, 0.1);
            // Write buffers are counted within the cache, half of it at most.
            budget = new Budget(cache, new WriteBufferManager(bytes / 2, cache));
        }
        return budget;
    }

    @Override
    public void close(String storeName, Options options) {
        // What is shared stays.
    }
}
