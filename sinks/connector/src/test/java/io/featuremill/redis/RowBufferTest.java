package io.featuremill.redis;

import static io.featuremill.redis.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowBufferTest {

    private final RowBuffer buffer = new RowBuffer(100, true);

    @Test
    void theNewestRowOfAKeyWins() {
        assertThat(buffer.add(row("k", 1, 1, "a", "old"), 0)).isEqualTo(0);
        assertThat(buffer.add(row("k", 2, 0, "a", "new"), 0)).isEqualTo(1);
        assertThat(buffer.add(row("k", 1, 9, "a", "older"), 0)).isEqualTo(1);
        assertThat(drained(0)).containsExactly(List.of("k@2-0[a=new]"));
    }

    @Test
    void ofTwoWithOneEventTimeTheGreaterSequenceWins() {
        buffer.add(row("k", 1, 5, "a", "five"), 0);
        buffer.add(row("k", 1, 4, "a", "four"), 0);
        assertThat(drained(0)).containsExactly(List.of("k@1-5[a=five]"));
    }

    @Test
    void ofTwoThatAreEqualTheLaterArrivalWins() {
        buffer.add(row("k", 1, 1, "a", "first"), 0);
        buffer.add(row("k", 1, 1, "a", "second"), 0);
        assertThat(drained(0)).containsExactly(List.of("k@1-1[a=second]"));
    }

    @Test
    void pipelinesOfOneEntityDontMeet() {
        buffer.add(row("k", "p", 2, 0, 1, "a", "1"), 0);
        buffer.add(row("k", "q", 1, 0, 1, "b", "2"), 0);
        assertThat(drained(0)).containsExactly(List.of("k@2-0[a=1]", "k@1-0[b=2]"));
    }

    @Test
    void aRowThatNamesOtherFeaturesTakesNoneAway() {
        buffer.add(row("k", 1, 0, "a", "1", "b", "1"), 0);
        buffer.add(row("k", 2, 0, "b", "2"), 0);
        assertThat(buffer.pendingRows()).isEqualTo(2);
        assertThat(drained(0)).containsExactly(List.of("k@1-0[a=1, b=1]"), List.of("k@2-0[b=2]"));
    }

    @Test
    void namesInAnotherOrderAreTheSameNames() {
        buffer.add(row("k", 1, 0, "a", "1", "b", "1"), 0);
        assertThat(buffer.add(row("k", 2, 0, "b", "2", "a", "2"), 0)).isEqualTo(1);
    }

    @Test
    void aRowThatAsksForALongerLifeIsNotSpared() {
        buffer.add(row("k", "p", 1, 0, FeatureRow.NEVER_EXPIRES, "a", "1"), 0);
        assertThat(buffer.add(row("k", "p", 2, 0, 1000, "a", "2"), 0)).isEqualTo(0);
        assertThat(buffer.add(row("k", "p", 3, 0, 999, "a", "3"), 0)).isEqualTo(0);
        assertThat(buffer.add(row("k", "p", 4, 0, 1000, "a", "4"), 0)).isEqualTo(2);
        assertThat(buffer.pendingRows()).isEqualTo(2);
    }

    @Test
    void aRemovalWaitsForTheNextRowOfItsKey() {
        buffer.add(row("k", 1, 0, "a", null), 0);
        assertThat(drained(99)).isEmpty();
        assertThat(buffer.add(row("k", 1, 1, "a", "1"), 99)).isEqualTo(1);
        assertThat(drained(99)).containsExactly(List.of("k@1-1[a=1]"));
        assertThat(buffer.depth()).isZero();
    }

    @Test
    void aRemovalWaitsNoLongerThanItsTime() {
        buffer.add(row("k", 1, 0, "a", null), 10);
        assertThat(buffer.nextRemovalDue()).isEqualTo(110);
        assertThat(drained(109)).isEmpty();
        assertThat(drained(110)).containsExactly(List.of("k@1-0[a=null]"));
    }

    @Test
    void aRemovalAfterARemovalWaitsNoLonger() {
        buffer.add(row("k", 1, 0, "a", null), 0);
        buffer.add(row("k", 2, 0, "a", null), 90);
        assertThat(drained(100)).containsExactly(List.of("k@2-0[a=null]"));
    }

    @Test
    void aRemovalComesBeforeTheRowThatDoesntCoverIt() {
        buffer.add(row("k", 1, 0, "a", null, "b", null), 0);
        buffer.add(row("k", 2, 0, "a", "1"), 0);
        assertThat(drained(0)).containsExactly(List.of("k@1-0[a=null, b=null]"), List.of("k@2-0[a=1]"));
    }

    @Test
    void aRemovalSparesTheRowThatItRemoves() {
        buffer.add(row("k", 1, 0, "a", "1"), 0);
        assertThat(buffer.add(row("k", 1, 1, "a", null), 0)).isEqualTo(1);
        assertThat(drained(0)).isEmpty();
        assertThat(Rows.texts(buffer.rows())).containsExactly("k@1-1[a=null]");
    }

    @Test
    void aRowWithoutFeaturesIsNoRemoval() {
        buffer.add(row("k", 1, 0), 0);
        assertThat(drained(0)).containsExactly(List.of("k@1-0[]"));
    }

    @Test
    void withoutTheGuardTheLastToArriveWins() {
        RowBuffer byArrival = new RowBuffer(100, false);
        byArrival.add(row("k", 9, 0, "a", "9"), 0);
        byArrival.add(row("l", 1, 0, "a", "1"), 0);
        assertThat(byArrival.add(row("k", 1, 0, "a", "1"), 0)).isEqualTo(1);
        assertThat(byArrival.add(row("l", 0, 0, "b", "2"), 0)).isEqualTo(1);
        assertThat(byArrival.drain(0, false).stream().map(Rows::texts))
                .containsExactly(List.of("k@1-0[a=1]", "l@0-0[b=2, a=1]"));
    }

    @Test
    void withoutTheGuardARemovalWaitsAsWell() {
        RowBuffer byArrival = new RowBuffer(100, false);
        byArrival.add(row("k", 1, 0, "a", "1", "b", "1"), 0);
        byArrival.add(row("k", 2, 0, "a", null), 0);
        byArrival.add(row("l", 2, 0, "a", null), 0);
        assertThat(byArrival.drain(0, false).stream().map(Rows::texts)).containsExactly(List.of("k@1-0[a=1, b=1]"));
        byArrival.add(row("k", 3, 0, "b", "2"), 50);
        assertThat(byArrival.drain(50, false).stream().map(Rows::texts)).containsExactly(List.of("k@3-0[b=2, a=null]"));
        assertThat(byArrival.drain(100, false).stream().map(Rows::texts)).containsExactly(List.of("l@2-0[a=null]"));
    }

    @Test
    void theEndOfInputWritesRemovalsToo() {
        buffer.add(row("k", 1, 0, "a", null), 0);
        assertThat(buffer.drain(0, true)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsLeftIsCountedRight(boolean guarded) {
        RowBuffer buffer = new RowBuffer(100, guarded);
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            buffer.add(randomRow(random), i / 10);
            if (random.nextInt(50) == 0) {
                buffer.drain(i / 10, false);
            }
            List<FeatureRow> rows = buffer.rows();
            assertThat(buffer.depth()).isEqualTo(rows.size());
            assertThat(buffer.bytes()).isEqualTo(rows.stream().mapToLong(FeatureRow::sizeInBytes).sum());
        }
    }

    /** The buffer's promise: with it Redis ends as it would without it, whatever was there before. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theEndIsAsIfEachRowWereWrittenOnItsOwn(boolean guarded) {
        for (int seed = 0; seed < 3_000; seed++) {
            Random random = new Random(seed);
            RowBuffer tried = new RowBuffer(3, guarded);
            Model straight = new Model(guarded);
            Model buffered = new Model(guarded);
            FeatureRow before = randomRow(random); // another job's
            straight.write(before);
            buffered.write(before);
            for (int i = 0; i < 12; i++) {
                FeatureRow row = randomRow(random);
                straight.write(row);
                tried.add(row, i);
                if (random.nextInt(4) == 0) {
                    tried.drain(i, false).forEach(wave -> wave.forEach(buffered::write));
                }
                if (random.nextInt(6) == 0) { // a checkpoint, a failure, a restore
                    List<FeatureRow> state = tried.rows();
                    tried = new RowBuffer(3, guarded);
                    for (FeatureRow restored : state) {
                        tried.add(restored, i);
                    }
                }
            }
            tried.drain(99, true).forEach(wave -> wave.forEach(buffered::write));
            assertThat(buffered.entities).as("seed %d", seed).isEqualTo(straight.entities);
        }
    }

    private static FeatureRow randomRow(Random random) {
        String pipeline = "p" + random.nextInt(2);
        List<String> features = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            if (random.nextInt(3) > 0) {
                features.add(name + "_of_" + pipeline); // no two pipelines share a feature
                features.add(random.nextInt(3) == 0 ? null : "" + random.nextInt(1000));
            }
        }
        boolean removal = random.nextInt(4) == 0;
        for (int i = 1; removal && i < features.size(); i += 2) {
            features.set(i, null);
        }
        return row("k" + random.nextInt(2), pipeline, random.nextInt(6), random.nextInt(3), random.nextBoolean() ? 5 : -1,
                features.toArray(String[]::new));
    }

    /**
     * What guard.lua does, in a map; time stands still, so the time to live is the longest ever asked for. Or what a transaction
     * without it does: nothing is compared, and each pipeline's last row has its time to live.
     */
    private static final class Model {
        private final boolean guarded;
        private final Map<String, Map<String, String>> entities = new HashMap<>();

        private Model(boolean guarded) {
            this.guarded = guarded;
        }

        void write(FeatureRow row) {
            String key = new String(row.key().entityKey());
            String pipeline = "@" + new String(row.key().pipeline());
            Map<String, String> entity = entities.getOrDefault(key, new HashMap<>());
            String last = entity.get(pipeline);
            if (guarded && last != null) {
                String[] place = last.split("-");
                long time = Long.parseLong(place[0]);
                if (row.eventTime() < time || (row.eventTime() == time && row.sequence() < Long.parseLong(place[1]))) {
                    return;
                }
            }
            for (int i = 0; i < row.names().length; i++) {
                if (row.values()[i] == null) {
                    entity.remove(new String(row.names()[i]));
                } else {
                    entity.put(new String(row.names()[i]), new String(row.values()[i]));
                }
            }
            entity.put(pipeline, row.eventTime() + "-" + row.sequence());
            if (!guarded) {
                entity.put("ttl of " + pipeline, "" + row.ttlMs());
                entities.put(key, entity);
                return;
            }
            entity.merge("ttl", "" + row.ttlMs(), (was, asked) -> was.equals("-1") || asked.equals("-1") ? "-1" : was);
            entities.put(key, entity);
        }
    }

    private List<List<String>> drained(long now) {
        return buffer.drain(now, false).stream().map(Rows::texts).toList();
    }
}
