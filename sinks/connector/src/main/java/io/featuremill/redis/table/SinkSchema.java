package io.featuremill.redis.table;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.types.logical.LogicalType;

/** The sink's table: six columns by these names, types and in this order, and nothing else. */
final class SinkSchema {

    private record Expected(String name, LogicalType type) {
        @Override
        public String toString() {
            return name + " " + type.asSummaryString();
        }
    }

    private static final List<Expected> COLUMNS = List.of(
            new Expected("entity_key", DataTypes.STRING().notNull().getLogicalType()),
            new Expected("event_time", DataTypes.TIMESTAMP_LTZ(3).notNull().getLogicalType()),
            new Expected("features", DataTypes.MAP(DataTypes.STRING().notNull(), DataTypes.STRING()).getLogicalType()),
            new Expected("pipeline", DataTypes.STRING().notNull().getLogicalType()),
            new Expected("ttl_ms", DataTypes.BIGINT().getLogicalType()),
            new Expected("sequence", DataTypes.BIGINT().notNull().getLogicalType()));

    private SinkSchema() {}

    /** Throws with all that differs, and with the table as it must be. */
    static void validate(ResolvedSchema schema) {
        List<String> problems = new ArrayList<>();
        List<Column> columns = schema.getColumns();
        for (int i = 0; i < COLUMNS.size(); i++) {
            Expected expected = COLUMNS.get(i);
            Column found = columns.stream().filter(column -> column.getName().equals(expected.name)).findFirst().orElse(null);
            if (found == null) {
                problems.add("column '" + expected.name + "' is missing");
            } else if (!found.isPhysical()) {
                problems.add("column '" + expected.name + "' is computed or metadata");
            } else if (!found.getDataType().getLogicalType().equals(expected.type)) {
                problems.add("column '" + expected.name + "' is " + found.getDataType().getLogicalType().asSummaryString()
                        + " and must be " + expected.type.asSummaryString());
            } else if (columns.indexOf(found) != i && columns.size() == COLUMNS.size()) {
                problems.add("column '" + expected.name + "' stands in place " + (columns.indexOf(found) + 1) + " and must in "
                        + (i + 1));
            }
        }
        for (Column column : columns) {
            if (COLUMNS.stream().noneMatch(expected -> expected.name.equals(column.getName()))) {
                problems.add("column '" + column.getName() + "' doesn't belong here");
            }
        }
        if (schema.getPrimaryKey().isPresent()) {
            problems.add("a primary key doesn't belong here, since the sink takes appended rows");
        }
        if (!problems.isEmpty()) {
            throw new ValidationException("The table of a '" + RedisTableFactory.IDENTIFIER + "' sink is fixed, and in this one "
                    + String.join("; ", problems) + ". It must be (" + String.join(", ", COLUMNS.stream().map(Expected::toString).toList())
                    + ").");
        }
    }
}
