package io.featuremill.redis;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The rows that have arrived and are not in Redis yet.
 *
 * <p>Writing what comes out has the same end as writing each row on its own, only with fewer writes. With the guard:
 *
 * <ul>
 *   <li>A row that is older than one of its key in here is dropped: the guard would turn it away.
 *   <li>A row replaces an older one of its key that it {@linkplain FeatureRow#covers covers}. Where it doesn't, because their
 *       maps name different features, both stay and are written one after the other. They are never merged into one row: the
 *       guard may let the newer one pass and not the older, and a merged row would carry the older one's values past it.
 *   <li>A removal waits for the next row of its key, for at most the given time: an update arrives as a removal and a row, and
 *       a reader is to see no gap between them.
 * </ul>
 *
 * <p>Without it the last to arrive wins, whatever its event time: rows of one key become one, see {@link FeatureRow#after}, which
 * comes out behind all that arrived before it. A removal waits here, too.
 */
final class RowBuffer {

    private record Waiting(FeatureRow removal, long since) {}

    private final long removalWaitMs;
    private final boolean guarded;

    /** For each key the rows to write, oldest first: one, unless their names differ. */
    private final Map<RowKey, List<FeatureRow>> pending = new LinkedHashMap<>();

    /** For each key the removal that waits, newer than all that is pending for it; the one that has waited longest first. */
    private final Map<RowKey, Waiting> waiting = new LinkedHashMap<>();

    private int pendingRows;
    private long bytes;

    /**
     * @param removalWaitMs how long a removal waits for the next row of its key
     * @param guarded whether rows are compared; else the order in which they arrive is kept
     */
    RowBuffer(long removalWaitMs, boolean guarded) {
        this.removalWaitMs = removalWaitMs;
        this.guarded = guarded;
    }

    /**
     * Takes a row in.
     *
     * @param now the time at which it arrived
     * @return how many rows (this one or older ones) are spared a write by it
     */
    int add(FeatureRow row, long now) {
        return guarded ? addByTime(row, now) : addByArrival(row, now);
    }

    private int addByArrival(FeatureRow arrived, long now) {
        RowKey key = arrived.key();
        int before = depth();
        FeatureRow row = arrived;
        Waiting removal = waiting.get(key);
        if (removal != null) {
            bytes -= removal.removal.sizeInBytes();
            row = row.after(removal.removal);
        }
        if (row.isRemoval()) {
            List<FeatureRow> rows = pending.get(key);
            if (rows != null && row.after(rows.get(0)) == row) {
                takePending(key); // it removes all that the row would set
            }
            bytes += row.sizeInBytes();
            waiting.put(key, new Waiting(row, removal != null ? removal.since : now)); // in the place of the one that was there
        } else {
            waiting.remove(key);
            addPendingByArrival(row);
        }
        return before + 1 - depth();
    }

    private void addPendingByArrival(FeatureRow row) {
        FeatureRow earlier = takePending(row.key());
        FeatureRow both = earlier == null ? row : row.after(earlier);
        bytes += both.sizeInBytes();
        addPending(both);
    }

    /** Without the guard a key has one pending row at most. */
    private FeatureRow takePending(RowKey key) {
        List<FeatureRow> rows = pending.remove(key);
        if (rows == null) {
            return null;
        }
        pendingRows--;
        bytes -= rows.get(0).sizeInBytes();
        return rows.get(0);
    }

    private int addByTime(FeatureRow row, long now) {
        RowKey key = row.key();
        Waiting removal = waiting.get(key);
        List<FeatureRow> rows = pending.get(key);
        FeatureRow newest = removal != null ? removal.removal : rows != null ? rows.get(rows.size() - 1) : null;
        if (newest != null && row.isOlderThan(newest)) {
            return 1;
        }
        int spared = 0;
        if (rows != null) {
            spared += dropCovered(rows, row);
            if (rows.isEmpty()) {
                pending.remove(key);
            }
        }
        if (removal != null) {
            if (row.covers(removal.removal)) {
                spared++;
                bytes -= removal.removal.sizeInBytes();
            } else {
                addPending(removal.removal);
            }
        }
        bytes += row.sizeInBytes();
        if (row.isRemoval()) {
            // A removal after a removal keeps the first one's place, or a steady flow of them would never be written.
            waiting.put(key, new Waiting(row, removal != null ? removal.since : now));
        } else {
            waiting.remove(key);
            addPending(row);
        }
        return spared;
    }

    private int dropCovered(List<FeatureRow> rows, FeatureRow by) {
        int dropped = 0;
        for (Iterator<FeatureRow> older = rows.iterator(); older.hasNext(); ) {
            FeatureRow row = older.next();
            if (by.covers(row)) {
                older.remove();
                dropped++;
                pendingRows--;
                bytes -= row.sizeInBytes();
            }
        }
        return dropped;
    }

    private void addPending(FeatureRow row) {
        pending.computeIfAbsent(row.key(), key -> new ArrayList<>(1)).add(row);
        pendingRows++;
    }

    /**
     * Takes out the rows to write now, in waves: no wave holds two rows of one key, so a row of a wave can be sent again
     * without overtaking another of its key, as long as one wave is done before the next begins.
     *
     * @param everything the removals that wait, too, however short their wait has been
     */
    List<List<FeatureRow>> drain(long now, boolean everything) {
        for (Iterator<Waiting> longest = waiting.values().iterator(); longest.hasNext(); ) {
            Waiting removal = longest.next();
            if (!everything && removal.since + removalWaitMs > now) {
                break;
            }
            longest.remove();
            if (guarded) {
                addPending(removal.removal);
            } else {
                bytes -= removal.removal.sizeInBytes();
                addPendingByArrival(removal.removal);
            }
        }
        List<List<FeatureRow>> waves = new ArrayList<>();
        for (List<FeatureRow> rows : pending.values()) {
            for (int i = 0; i < rows.size(); i++) {
                if (i == waves.size()) {
                    waves.add(new ArrayList<>(i == 0 ? pending.size() : 1));
                }
                waves.get(i).add(rows.get(i));
                bytes -= rows.get(i).sizeInBytes();
            }
        }
        pending.clear();
        pendingRows = 0;
        return waves;
    }

    /** All that is in here, for the writer's state; the rows of a key in the order in which they must come back. */
    List<FeatureRow> rows() {
        List<FeatureRow> all = new ArrayList<>(depth());
        pending.values().forEach(all::addAll);
        waiting.values().forEach(removal -> all.add(removal.removal));
        return all;
    }

    int pendingRows() {
        return pendingRows;
    }

    int waitingRemovals() {
        return waiting.size();
    }

    int depth() {
        return pendingRows + waiting.size();
    }

    long bytes() {
        return bytes;
    }

    /** When the removal that has waited longest is due, or {@link Long#MAX_VALUE} if none waits. */
    long nextRemovalDue() {
        return waiting.isEmpty() ? Long.MAX_VALUE : waiting.values().iterator().next().since + removalWaitMs;
    }
}
