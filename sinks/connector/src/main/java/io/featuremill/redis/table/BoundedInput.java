package io.featuremill.redis.table;

import java.util.List;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.streaming.api.transformations.WithBoundedness;

/**
 * Whether what comes to an operator ends, as the sources that it comes from tell. When it ends they don't say: Flink's own
 * generator of 2^63 - 1 rows calls itself bounded, too.
 */
final class BoundedInput {

    private BoundedInput() {}

    /** True if every source says that it ends. One that says nothing may never. */
    static boolean is(Transformation<?> input) {
        List<Transformation<?>> sources = input.getTransitivePredecessors().stream()
                .filter(transformation -> transformation.getInputs().isEmpty())
                .toList();
        return !sources.isEmpty() && sources.stream().allMatch(BoundedInput::ends);
    }

    private static boolean ends(Transformation<?> source) {
        return source instanceof WithBoundedness told && told.getBoundedness() == Boundedness.BOUNDED;
    }
}
