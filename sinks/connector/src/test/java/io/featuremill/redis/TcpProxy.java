package io.featuremill.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** The way to a server, which a test can make long, cut, or block. */
public final class TcpProxy implements AutoCloseable {

    /** How long every piece takes, each way. */
    public volatile long delayMs;

    private volatile boolean isolated;
    private final AtomicLong pieces = new AtomicLong();
    private final AtomicLong bytesToCut = new AtomicLong(Long.MAX_VALUE);
    private final ServerSocket listener;
    private final int target;
    private final List<Way> ways = new CopyOnWriteArrayList<>();

    public TcpProxy(int target) {
        this(target, newListener());
    }

    /** @param listener what clients connect to; if it speaks TLS, this is where that ends */
    public TcpProxy(int target, ServerSocket listener) {
        this.target = target;
        this.listener = listener;
        start(() -> {
            while (true) {
                Socket client = listener.accept();
                if (isolated) {
                    client.close();
                    continue;
                }
                Way way = new Way(client, new Socket(InetAddress.getLoopbackAddress(), this.target));
                ways.add(way);
                if (isolated) {
                    way.close();
                }
            }
        });
    }

    private static ServerSocket newListener() {
        try {
            return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** How many pieces, of at most 8 KiB, went to the server. */
    public long pieces() {
        return pieces.get();
    }

    /** Cuts the connection that is there when so many more bytes have gone to the server. */
    public void cutAfter(long bytes) {
        bytesToCut.set(bytes);
    }

    /** Cuts every connection that is there, and each that comes from now on. */
    public void isolate() {
        isolated = true;
        ways.forEach(Way::close);
    }

    /** Keeps what is sent from now on over the connections that are there, even when their client has gone. */
    public void hold() {
        ways.forEach(way -> way.gate = new CountDownLatch(1));
    }

    /** Lets go what was held, and returns when the server's side has taken it or has refused to. */
    public void release() throws InterruptedException {
        for (Way way : ways) {
            if (way.gate != null) {
                way.gate.countDown();
                way.toServer.join(5_000);
            }
        }
    }

    @Override
    public void close() {
        closeQuietly(listener);
        ways.forEach(Way::close);
    }

    private interface Body {
        void run() throws IOException, InterruptedException;
    }

    private static Thread start(Body body) {
        Thread thread = new Thread(() -> {
            try {
                body.run();
            } catch (IOException | InterruptedException over) {
                // A side has gone.
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception gone) {
            // It is what was wanted.
        }
    }

    private final class Way {
        private final Socket client;
        private final Socket server;
        private final Thread toServer;
        private volatile CountDownLatch gate;

        private Way(Socket client, Socket server) throws IOException {
            this.client = client;
            this.server = server;
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            toServer = start(() -> {
                try {
                    pumpToServer();
                } finally {
                    close();
                }
            });
            start(this::pumpToClient);
        }

        private void pumpToServer() throws IOException, InterruptedException {
            InputStream in = client.getInputStream();
            OutputStream out = server.getOutputStream();
            byte[] piece = new byte[8192];
            for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
                pieces.incrementAndGet();
                Thread.sleep(delayMs);
                if (gate != null) {
                    gate.await();
                }
                long left = bytesToCut.addAndGet(-length);
                if (left <= 0) {
                    bytesToCut.set(Long.MAX_VALUE);
                    out.write(piece, 0, (int) Math.max(0, length + left)); // another connection may have come to the end of it first
                    out.flush();
                    return;
                }
                out.write(piece, 0, length);
            }
        }

        private void pumpToClient() throws IOException, InterruptedException {
            InputStream in = server.getInputStream();
            OutputStream out = client.getOutputStream();
            byte[] piece = new byte[8192];
            for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
                Thread.sleep(delayMs);
                out.write(piece, 0, length);
            }
            client.close();
        }

        private void close() {
            closeQuietly(client);
            closeQuietly(server);
        }
    }
}
