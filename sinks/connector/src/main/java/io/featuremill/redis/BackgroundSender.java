package io.featuremill.redis;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.function.Consumer;

/**
 * Sends in a thread of its own, so that the task goes on reading while Redis works and while a retry pauses.
 *
 * <p>One list of rows is on its way at a time and none waits behind it: who comes with the next one waits, which is the
 * back-pressure. So the rows of a key get to Redis in the order in which they were handed over. A failure ends the sender; it is
 * reported at once, and again to everyone who hands over or awaits anything afterwards.
 */
final class BackgroundSender implements AutoCloseable {

    private final RowSender sender;
    private final Consumer<IOException> onFailure;
    private final Thread thread;

    /** What is on its way; null when nothing is. */
    private List<FeatureRow> underway;

    private IOException failure;
    private boolean closed;

    /**
     * @param name the thread's
     * @param onFailure called once, in that thread
     */
    BackgroundSender(RowSender sender, String name, Consumer<IOException> onFailure) {
        this.sender = sender;
        this.onFailure = onFailure;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    /** Connects in the caller's thread, so that a wrong address or password fails the job when it starts. */
    void open() throws IOException {
        sender.open();
        thread.start();
    }

    /** Hands rows over, of which no two have the same key. Returns when all that was handed over before is done. */
    synchronized void send(List<FeatureRow> rows) throws IOException {
        awaitUnderway();
        underway = rows;
        notifyAll();
    }

    /** Returns when Redis has acknowledged, turned away or refused every row that was handed over. */
    synchronized void await() throws IOException {
        awaitUnderway();
    }

    private void awaitUnderway() throws IOException {
        while (underway != null && failure == null) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("Interrupted while waiting for Redis");
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void run() {
        try {
            for (List<FeatureRow> rows = next(); rows != null; rows = next()) {
                sender.send(rows);
                done();
            }
        } catch (IOException e) {
            fail(e);
        } catch (Throwable e) {
            fail(new IOException("The thread that writes to Redis has ended: " + e, e));
        }
    }

    private synchronized List<FeatureRow> next() throws InterruptedException {
        while (underway == null && !closed) {
            wait();
        }
        return closed ? null : underway;
    }

    private synchronized void done() {
        underway = null;
        notifyAll();
    }

    private void fail(IOException e) {
        synchronized (this) {
            if (closed) {
                return; // it was interrupted by our own close
            }
            failure = e;
            notifyAll();
        }
        onFailure.accept(e);
    }

    /** Breaks off what is on its way: a writer that is closed without a last flush has it in its state or behind it in the source. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join(); // at most the request's time-out: the connection is the thread's until it ends
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        sender.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
