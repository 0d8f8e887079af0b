package io.featuremill.redis;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A writer's connections, each with a thread of its own. Rows of one key always take the same one, so their order is kept.
 */
final class Senders implements AutoCloseable {

    private final List<BackgroundSender> senders;

    /** @param senders at least one */
    Senders(List<BackgroundSender> senders) {
        this.senders = senders;
    }

    void open() throws IOException {
        for (BackgroundSender sender : senders) {
            sender.open();
        }
    }

    /**
     * Hands rows over, and returns before they are written.
     *
     * @param wave rows of which no two have the same key; it isn't changed any more
     */
    void send(List<FeatureRow> wave) throws IOException {
        if (senders.size() == 1) {
            senders.get(0).send(wave);
            return;
        }
        List<List<FeatureRow>> shares = new ArrayList<>();
        for (int i = 0; i < senders.size(); i++) {
            shares.add(new ArrayList<>(wave.size() / senders.size() + 1));
        }
        for (FeatureRow row : wave) {
            shares.get(Math.floorMod(row.key().hashCode(), senders.size())).add(row);
        }
        for (int i = 0; i < senders.size(); i++) {
            if (!shares.get(i).isEmpty()) {
                senders.get(i).send(shares.get(i));
            }
        }
    }

    /** Returns when Redis has acknowledged, turned away or refused every row that was handed over. */
    void await() throws IOException {
        for (BackgroundSender sender : senders) {
            sender.await();
        }
    }

    @Override
    public void close() {
        senders.forEach(BackgroundSender::close);
    }
}
