package dev.penstock.chaos.network;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a server that says everything again. */
class TcpProxyTest {
    private static final byte[] WORD = "word".getBytes(UTF_8);

    private ServerSocket server;
    private TcpProxy proxy;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        proxy = TcpProxy.open(0, server.getLocalPort());
        Thread echoes = new Thread(this::accept, "echoes");
        echoes.setDaemon(true);
        echoes.start();
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        server.close();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                Thread echo = new Thread(() -> echo(socket), "echo");
                echo.setDaemon(true);
                echo.start();
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    private static void echo(Socket socket) {
        try (socket) {
            socket.getInputStream().transferTo(socket.getOutputStream());
        } catch (IOException e) {
            // The other side is gone.
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setSoTimeout(10_000);
        socket.setTcpNoDelay(true);
        return socket;
    }

    private static void say(Socket socket) throws IOException {
        socket.getOutputStream().write(WORD);
    }

    private static byte[] hear(Socket socket) throws IOException {
        return socket.getInputStream().readNBytes(WORD.length);
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @Test
    void passesEveryByteInOrder() throws Exception {
        byte[] much = new byte[5_000_000];
        new Random(1).nextBytes(much);
        try (Socket socket = connect()) {
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    OutputStream out = socket.getOutputStream();
                    out.write(much);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            byte[] heard = socket.getInputStream().readNBytes(much.length);
            sending.join();

            assertThat(Arrays.equals(heard, much)).isTrue();
            assertThat(proxy.bytesToTarget()).isEqualTo(much.length);
        }
    }

    @Test
    void holdsBackEverythingWhileCutAndLosesNothing() throws Exception {
        try (Socket socket = connect()) {
            say(socket);
            hear(socket);

            proxy.cut();
            say(socket);
            socket.setSoTimeout(300);
            assertThatExceptionOfType(SocketTimeoutException.class)
                    .isThrownBy(() -> socket.getInputStream().read());

            proxy.heal();
            socket.setSoTimeout(10_000);
            assertThat(hear(socket)).isEqualTo(WORD);
        }
    }

    @Test
    void answersNobodyWhoComesWhileCut() throws Exception {
        proxy.cut();
        try (Socket socket = connect()) {
            say(socket);
            socket.setSoTimeout(300);
            assertThatExceptionOfType(SocketTimeoutException.class)
                    .isThrownBy(() -> socket.getInputStream().read());

            proxy.heal();
            socket.setSoTimeout(10_000);
            assertThat(hear(socket)).isEqualTo(WORD);
        }
    }

    @Test
    void isLateBothWaysByTheDelay() throws Exception {
        try (Socket socket = connect()) {
            say(socket);
            hear(socket);

            proxy.delay(Duration.ofMillis(150));
            long start = System.nanoTime();
            say(socket);
            hear(socket);
            assertThat(since(start)).isGreaterThanOrEqualTo(Duration.ofMillis(300));
        }
    }

    @Test
    void isOnlyLateAndNotSlow() throws Exception {
        proxy.delay(Duration.ofMillis(200));
        try (Socket socket = connect()) {
            long start = System.nanoTime();
            for (int word = 0; word < 50; word++) {
                say(socket);
            }
            socket.getInputStream().readNBytes(50 * WORD.length);

            // One after the other they would take twenty seconds.
            assertThat(since(start)).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void passesNoMoreThanItMay() throws Exception {
        proxy.throttle(100_000);
        try (Socket socket = connect()) {
            long start = System.nanoTime();
            socket.getOutputStream().write(new byte[100_000]);
            socket.getInputStream().readNBytes(100_000);

            assertThat(since(start)).isBetween(Duration.ofMillis(900), Duration.ofSeconds(5));
        }
    }

    @Test
    void isFastAgainOnceHealed() throws Exception {
        proxy.throttle(1_000);
        try (Socket socket = connect()) {
            socket.getOutputStream().write(new byte[100_000]);
            proxy.heal();
            long start = System.nanoTime();
            assertThat(socket.getInputStream().readNBytes(100_000)).hasSize(100_000);
            assertThat(since(start)).isLessThan(Duration.ofSeconds(20));
        }
    }

    @Test
    void endsConnectionsWhenReset() throws Exception {
        try (Socket socket = connect()) {
            say(socket);
            hear(socket);

            proxy.reset();
            assertThat(ended(socket)).isTrue();
        }
        try (Socket socket = connect()) {
            say(socket);
            assertThat(hear(socket)).isEqualTo(WORD);
        }
    }

    @Test
    void endsAConnectionThatLeadsNowhere() throws Exception {
        server.close();
        await().atMost(Duration.ofSeconds(10)).until(() -> {
            try (Socket socket = connect()) {
                return ended(socket);
            }
        });
    }

    private static boolean ended(Socket socket) {
        try {
            InputStream in = socket.getInputStream();
            return in.read() < 0;
        } catch (IOException e) {
            return true;
        }
    }
}
