package io.featuremill.redis.connection;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * A TCP or Unix domain connection in the shape that Jedis and TLS ask for, over a channel that doesn't block. Java's own socket
 * waits for ever to write to a server that has stopped reading, and has no Unix domain.
 *
 * <p>The time-out counts for reading and for writing: how long nothing may move. It ends a wait, and so does an interrupt of the
 * thread; after either, how far the server came isn't known, and nothing more goes out or comes in. What is written waits until
 * {@code flush()} or until there is much of it.
 *
 * <p>For one thread. Another may close it, which ends a wait as well.
 */
final class ChannelSocket extends Socket {

    /** A system call for so much. Jedis itself hands over 8 KiB at a time, which would be one for a dozen rows. */
    private static final int CHUNK = 64 * 1024;

    private final SocketChannel channel;
    private final SocketAddress address;
    private final Selector selector;
    private final SelectionKey key;
    private final ByteBuffer read = ByteBuffer.allocateDirect(CHUNK).limit(0);
    private final ByteBuffer unsent = ByteBuffer.allocateDirect(CHUNK);
    private int timeoutMs;
    private boolean lost;
    private boolean inputShutdown;
    private boolean outputShutdown;

    private ChannelSocket(SocketChannel channel, Selector selector, SocketAddress address, int connectTimeoutMs) throws IOException {
        this.channel = channel;
        this.address = address;
        this.selector = selector;
        this.timeoutMs = connectTimeoutMs;
        channel.configureBlocking(false);
        key = channel.register(selector, 0);
        if (!channel.connect(address)) {
            do {
                await(SelectionKey.OP_CONNECT);
            } while (!channel.finishConnect());
        }
    }

    /**
     * Connects.
     *
     * @param timeoutMs for all that follows, 0 for none
     */
    static ChannelSocket connect(SocketAddress address, int connectTimeoutMs, int timeoutMs) throws IOException {
        Selector selector = Selector.open();
        SocketChannel channel = null;
        try {
            channel = open(address);
            ChannelSocket socket = new ChannelSocket(channel, selector, address, connectTimeoutMs);
            socket.timeoutMs = timeoutMs;
            return socket;
        } catch (IOException | RuntimeException e) {
            if (channel != null) {
                channel.close();
            }
            selector.close();
            throw e;
        }
    }

    private static SocketChannel open(SocketAddress address) throws IOException {
        if (address instanceof UnixDomainSocketAddress) {
            return SocketChannel.open(StandardProtocolFamily.UNIX);
        }
        return SocketChannel.open()
                .setOption(StandardSocketOptions.TCP_NODELAY, true)
                .setOption(StandardSocketOptions.SO_KEEPALIVE, true)
                // What hasn't gone out when a lost connection is closed never does, or it could come after what the next one writes.
                .setOption(StandardSocketOptions.SO_LINGER, 0);
    }

    private void requireNotLost() throws SocketException {
        if (lost) {
            throw new SocketException("Lost before");
        }
    }

    private void await(int operation) throws IOException {
        int moved;
        try {
            key.interestOps(operation);
            moved = selector.select(timeoutMs);
        } catch (CancelledKeyException | ClosedSelectorException e) {
            throw new SocketException("Closed meanwhile");
        }
        if (moved > 0) {
            selector.selectedKeys().clear();
            return;
        }
        lost = true;
        if (!channel.isOpen()) {
            throw new SocketException("Closed meanwhile");
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("Interrupted");
        }
        throw new SocketTimeoutException("Nothing moved for " + timeoutMs + " ms");
    }

    private int read(byte[] bytes, int offset, int length) throws IOException {
        if (!read.hasRemaining() && !readMore()) {
            return -1;
        }
        int count = Math.min(length, read.remaining());
        read.get(bytes, offset, count);
        return count;
    }

    /** False at the end. */
    private boolean readMore() throws IOException {
        requireNotLost();
        read.clear();
        try {
            int count = channel.read(read);
            while (count == 0) {
                await(SelectionKey.OP_READ);
                count = channel.read(read);
            }
            return count > 0;
        } finally {
            read.flip();
        }
    }

    private void write(byte[] bytes, int offset, int length) throws IOException {
        int from = offset;
        while (from < offset + length) {
            if (!unsent.hasRemaining()) {
                send();
            }
            int count = Math.min(offset + length - from, unsent.remaining());
            unsent.put(bytes, from, count);
            from += count;
        }
    }

    private void send() throws IOException {
        requireNotLost();
        unsent.flip();
        try {
            while (unsent.hasRemaining()) {
                if (channel.write(unsent) == 0) {
                    await(SelectionKey.OP_WRITE);
                }
            }
        } finally {
            unsent.compact();
        }
    }

    @Override
    public InputStream getInputStream() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                return length == 0 ? 0 : ChannelSocket.this.read(bytes, offset, length);
            }
        };
    }

    @Override
    public OutputStream getOutputStream() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                ChannelSocket.this.write(bytes, offset, length);
            }

            @Override
            public void flush() throws IOException {
                send();
            }
        };
    }

    /** 0 is no time-out, for a socket as for a selector. */
    @Override
    public void setSoTimeout(int timeoutMs) {
        this.timeoutMs = timeoutMs;
    }

    @Override
    public int getSoTimeout() {
        return timeoutMs;
    }

    // From here on what TLS asks the socket below it: Java's own answers are about a second socket that isn't ours.

    @Override
    public InetAddress getInetAddress() {
        return address instanceof InetSocketAddress internet ? internet.getAddress() : null;
    }

    @Override
    public int getPort() {
        return address instanceof InetSocketAddress internet ? internet.getPort() : 0;
    }

    @Override
    public int getSoLinger() {
        return -1;
    }

    @Override
    public boolean isConnected() {
        return channel.isConnected();
    }

    @Override
    public boolean isBound() {
        return true;
    }

    @Override
    public void shutdownInput() throws IOException {
        channel.shutdownInput();
        inputShutdown = true;
    }

    @Override
    public boolean isInputShutdown() {
        return inputShutdown;
    }

    @Override
    public void shutdownOutput() throws IOException {
        channel.shutdownOutput();
        outputShutdown = true;
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShutdown;
    }

    @Override
    public boolean isClosed() {
        return !channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        try (selector) {
            channel.close();
        }
    }
}
