package io.featuremill.redis.table;

import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;

/** The planner's view of the dead-letter format: the inner one's in everything. */
final class DeadLetterFormat implements DecodingFormat<DeserializationSchema<RowData>> {

    private final DecodingFormat<DeserializationSchema<RowData>> inner;
    private final DeadLetterAddress address;

    DeadLetterFormat(DecodingFormat<DeserializationSchema<RowData>> inner, DeadLetterAddress address) {
        this.inner = inner;
        this.address = address;
    }

    @Override
    public DeserializationSchema<RowData> createRuntimeDecoder(DynamicTableSource.Context context, DataType produced) {
        return new DeadLetterDeserializationSchema(
                inner.createRuntimeDecoder(context, produced), (RowType) produced.getLogicalType(), address);
    }

    @Override
    public ChangelogMode getChangelogMode() {
        return inner.getChangelogMode();
    }

    @Override
    public Map<String, DataType> listReadableMetadata() {
        return inner.listReadableMetadata();
    }

    @Override
    public void applyReadableMetadata(List<String> metadataKeys) {
        inner.applyReadableMetadata(metadataKeys);
    }
}
