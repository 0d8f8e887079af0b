package io.featuremill.cases;

import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.format.EncodingFormat;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.sink.SinkV2Provider;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;

/** The planner's view of the sink: appended rows, one writer, so that the lines have an order. */
final class CasesTableSink implements DynamicTableSink {

    private final String path;
    private final EncodingFormat<SerializationSchema<RowData>> format;
    private final DataType type;

    CasesTableSink(String path, EncodingFormat<SerializationSchema<RowData>> format, DataType type) {
        this.path = path;
        this.format = format;
        this.type = type;
    }

    @Override
    public ChangelogMode getChangelogMode(ChangelogMode requested) {
        return ChangelogMode.insertOnly();
    }

    @Override
    public SinkRuntimeProvider getSinkRuntimeProvider(Context context) {
        return SinkV2Provider.of(new CaseSink(path, format.createRuntimeEncoder(context, type)), 1);
    }

    @Override
    public DynamicTableSink copy() {
        return new CasesTableSink(path, format, type);
    }

    @Override
    public String asSummaryString() {
        return "Featuremill case (" + path + ")";
    }
}
