package io.featuremill.redis.connection;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * A Unix domain socket in the shape that Jedis asks for: Java has it as a channel only. The time-out counts for reading and for
 * writing.
 */
final class UnixSocket extends Socket {

    private final SocketChannel channel;
    private final Selector readable = Selector.open();
    private final Selector writable = Selector.open();
    private int timeoutMs;

    private UnixSocket(SocketChannel channel, int timeoutMs) throws IOException {
        this.channel = channel;
        this.timeoutMs = timeoutMs;
        channel.configureBlocking(false);
        channel.register(readable, SelectionKey.OP_READ);
        channel.register(writable, SelectionKey.OP_WRITE);
    }

    static UnixSocket connect(String path, int timeoutMs) throws IOException {
        // To connect takes no time: the system says at once whether somebody listens there.
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
        try {
            return new UnixSocket(channel, timeoutMs);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private void await(Selector selector) throws IOException {
        if (selector.select(timeoutMs) == 0) {
            if (Thread.currentThread().isInterrupted()) {
                throw new IOException("Interrupted");
            }
            throw new SocketTimeoutException("Nothing moved for " + timeoutMs + " ms");
        }
        selector.selectedKeys().clear();
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
                ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
                int count = channel.read(buffer);
                while (count == 0 && length > 0) {
                    await(readable);
                    count = channel.read(buffer);
                }
                return count;
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
                ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
                channel.write(buffer);
                while (buffer.hasRemaining()) {
                    await(writable);
                    channel.write(buffer);
                }
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

    @Override
    public boolean isConnected() {
        return channel.isConnected();
    }

    @Override
    public boolean isBound() {
        return true;
    }

    @Override
    public boolean isClosed() {
        return !channel.isOpen();
    }

    @Override
    public synchronized void close() throws IOException {
        try (readable; writable) {
            channel.close();
        }
    }
}
