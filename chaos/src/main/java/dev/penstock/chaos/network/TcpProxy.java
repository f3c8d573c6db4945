package dev.penstock.chaos.network;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A network between two processes of one machine, on loopback, that can be made worse while they talk: each connection
 * to {@link #port()} is passed on to a target. Bytes are never lost, reordered or changed, as TCP promises; they may be
 * late, slow, or not come until the cut has healed. Thread-safe; the caller closes it.
 */
public final class TcpProxy implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TcpProxy.class);
    private static final int CHUNK_BYTES = 32 * 1024;
    /** Chunks on the way in one direction: what the network holds, so that a delay is no limit of throughput. */
    private static final int ON_THE_WAY = 256;

    private static final byte[] END = {};
    private static final Duration CONNECTING = Duration.ofSeconds(10);

    private final ServerSocket server;
    private final InetSocketAddress target;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicLong bytesToTarget = new AtomicLong();
    private final Object weather = new Object();
    private boolean cut;
    private Duration delay = Duration.ZERO;
    /** Bytes a second towards the target; {@link Long#MAX_VALUE} for as fast as it goes. */
    private long rate = Long.MAX_VALUE;

    /** When the next byte may leave at that rate, by {@link System#nanoTime()}. */
    private long nextByteAt;

    private volatile boolean closed;

    @SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
    private record Chunk(byte[] bytes, long readAt) {}

    private TcpProxy(ServerSocket server, InetSocketAddress target) {
        this.server = server;
        this.target = target;
    }

    /**
     * @param port to listen on, 0 for a free one
     * @param targetPort on loopback; nobody needs to listen there yet
     */
    public static TcpProxy open(int port, int targetPort) {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try {
            TcpProxy proxy =
                    new TcpProxy(new ServerSocket(port, 128, loopback), new InetSocketAddress(loopback, targetPort));
            proxy.daemon("accepting", proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot listen on port %d of loopback: %s; choose another".formatted(port, e.getMessage()), e);
        }
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Nothing passes until {@link #heal()}: connections stay, new ones too, and nobody answers on them. */
    public void cut() {
        synchronized (weather) {
            cut = true;
        }
    }

    /** @param oneWay by which everything is later, in both directions */
    public void delay(Duration oneWay) {
        synchronized (weather) {
            delay = oneWay;
        }
    }

    /** @param bytesPerSecond of all connections together, towards the target; 1 or more */
    public void throttle(long bytesPerSecond) {
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException(
                    "Cannot pass %d bytes a second: use 1 or more, or cut".formatted(bytesPerSecond));
        }
        synchronized (weather) {
            rate = bytesPerSecond;
            nextByteAt = System.nanoTime();
            weather.notifyAll();
        }
    }

    /** No cut, no delay, no limit: what was held back comes. */
    public void heal() {
        synchronized (weather) {
            cut = false;
            delay = Duration.ZERO;
            rate = Long.MAX_VALUE;
            weather.notifyAll();
        }
    }

    /** Ends every connection; new ones are taken. */
    public void reset() {
        connections.forEach(Connection::close);
    }

    /** That were passed on towards the target since the beginning. */
    public long bytesToTarget() {
        return bytesToTarget.get();
    }

    private void accept() {
        while (!closed) {
            try {
                Socket client = server.accept();
                daemon("connecting", () -> connect(client));
            } catch (IOException e) {
                if (!closed) {
                    LOG.warn("The proxy on port {} could not take a connection", port(), e);
                }
            }
        }
    }

    private void connect(Socket client) {
        Socket upstream = new Socket();
        Connection connection = new Connection(client, upstream);
        connections.add(connection);
        try {
            awaitPassage();
            upstream.connect(target, Math.toIntExact(CONNECTING.toMillis()));
            client.setTcpNoDelay(true);
            upstream.setTcpNoDelay(true);
            connection.pass(client.getInputStream(), upstream.getOutputStream(), true);
            connection.pass(upstream.getInputStream(), client.getOutputStream(), false);
        } catch (IOException e) {
            // Nobody listens there, or either side is gone: the other side sees it closed.
            connection.close();
        } catch (InterruptedException e) {
            connection.close();
            Thread.currentThread().interrupt();
        }
        if (closed) {
            connection.close();
        }
    }

    private void awaitPassage() throws InterruptedException {
        synchronized (weather) {
            while (cut && !closed) {
                weather.wait();
            }
        }
    }

    /** Waits as long as the weather has it. */
    private void awaitTurn(Chunk chunk, boolean towardsTarget) throws InterruptedException {
        synchronized (weather) {
            long due = towardsTarget && rate != Long.MAX_VALUE ? reserve(chunk) : 0;
            while (!closed) {
                long earliest = chunk.readAt() + delay.toNanos();
                long wait = Math.max(
                        earliest - System.nanoTime(),
                        due == 0 || rate == Long.MAX_VALUE ? Long.MIN_VALUE : due - System.nanoTime());
                if (cut) {
                    weather.wait();
                } else if (wait > 0) {
                    weather.wait(wait / 1_000_000 + 1);
                } else {
                    return;
                }
            }
        }
    }

    /** When a chunk has passed that takes its turn now. */
    private long reserve(Chunk chunk) {
        long start = Math.max(nextByteAt, System.nanoTime());
        nextByteAt = start + Math.round(chunk.bytes().length * 1e9 / rate);
        return nextByteAt;
    }

    private void daemon(String what, Runnable task) {
        Thread thread = new Thread(task, "proxy-%d-%s".formatted(port(), what));
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        closed = true;
        try {
            server.close();
        } catch (IOException e) {
            LOG.warn("The proxy on port {} could not be closed", port(), e);
        }
        synchronized (weather) {
            weather.notifyAll();
        }
        reset();
    }

    /** Both directions of one connection; either end takes the other with it. */
    private final class Connection {
        private final Socket client;
        private final Socket upstream;

        Connection(Socket client, Socket upstream) {
            this.client = client;
            this.upstream = upstream;
        }

        void pass(InputStream from, OutputStream to, boolean towardsTarget) {
            BlockingQueue<Chunk> way = new ArrayBlockingQueue<>(ON_THE_WAY);
            Thread writer = new Thread(() -> write(way, to, towardsTarget), "proxy-%d-writing".formatted(port()));
            writer.setDaemon(true);
            writer.start();
            daemon("reading", () -> read(from, way));
        }

        private void read(InputStream from, BlockingQueue<Chunk> way) {
            byte[] buffer = new byte[CHUNK_BYTES];
            try {
                for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
                    put(way, Arrays.copyOf(buffer, read));
                }
                put(way, END);
            } catch (IOException e) {
                close();
                // Where there is no room for it, the writer has something to write and sees that all is closed.
                way.offer(new Chunk(END, System.nanoTime()));
            } catch (InterruptedException e) {
                close();
                Thread.currentThread().interrupt();
            }
        }

        private void put(BlockingQueue<Chunk> way, byte[] bytes) throws IOException, InterruptedException {
            Chunk chunk = new Chunk(bytes, System.nanoTime());
            while (!way.offer(chunk, 1, TimeUnit.SECONDS)) {
                if (client.isClosed() || upstream.isClosed()) {
                    throw new IOException("the other side is closed");
                }
            }
        }

        private void write(BlockingQueue<Chunk> way, OutputStream to, boolean towardsTarget) {
            try {
                for (Chunk chunk = way.take(); chunk.bytes().length > 0; chunk = way.take()) {
                    awaitTurn(chunk, towardsTarget);
                    to.write(chunk.bytes());
                    if (towardsTarget) {
                        bytesToTarget.addAndGet(chunk.bytes().length);
                    }
                }
            } catch (IOException e) {
                LOG.debug("A connection of the proxy on port {} ended: {}", port(), e.toString());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            // After everything that came before its end.
            close();
        }

        void close() {
            connections.remove(this);
            quietly(client);
            quietly(upstream);
        }

        private void quietly(Closeable socket) {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.debug("A socket of the proxy on port {} could not be closed: {}", port(), e.toString());
            }
        }
    }
}
