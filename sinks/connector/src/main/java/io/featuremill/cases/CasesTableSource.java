package io.featuremill.cases;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.connector.source.ScanTableSource;
import org.apache.flink.table.connector.source.SourceProvider;
import org.apache.flink.table.connector.source.abilities.SupportsReadingMetadata;
import org.apache.flink.table.connector.source.abilities.SupportsWatermarkPushDown;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;

/**
 * The planner's view of the source. It takes the table's watermark over, since Flink's own operator for it would let none through
 * that the file asks for; and it offers whatever metadata the table names.
 */
final class CasesTableSource implements ScanTableSource, SupportsReadingMetadata, SupportsWatermarkPushDown {

    private final String path;
    private final Changes changes;
    private final ResolvedSchema schema;
    private List<String> metadataKeys = List.of();
    private WatermarkStrategy<RowData> watermarks = WatermarkStrategy.noWatermarks();

    CasesTableSource(String path, Changes changes, ResolvedSchema schema) {
        this.path = path;
        this.changes = changes;
        this.schema = schema;
    }

    @Override
    public ChangelogMode getChangelogMode() {
        return changes.mode();
    }

    @Override
    public ScanRuntimeProvider getScanRuntimeProvider(ScanContext context) {
        return SourceProvider.of(new CaseSource(path, producedType(), changes, watermarks), 1);
    }

    /** The row that the planner expects: the physical columns, then the metadata keys, each named as its column is. */
    private RowType producedType() {
        List<String> names = new ArrayList<>();
        List<LogicalType> types = new ArrayList<>();
        schema.getColumns().stream().filter(Column::isPhysical).forEach(column -> {
            names.add(column.getName());
            types.add(column.getDataType().getLogicalType());
        });
        for (String key : metadataKeys) {
            Column.MetadataColumn column = metadataColumns().get(key);
            names.add(column.getName());
            types.add(column.getDataType().getLogicalType());
        }
        return RowType.of(types.toArray(LogicalType[]::new), names.toArray(String[]::new));
    }

    private Map<String, Column.MetadataColumn> metadataColumns() {
        Map<String, Column.MetadataColumn> columns = new LinkedHashMap<>();
        for (Column column : schema.getColumns()) {
            if (column instanceof Column.MetadataColumn metadata) {
                columns.putIfAbsent(metadata.getMetadataKey().orElse(column.getName()), metadata);
            }
        }
        return columns;
    }

    @Override
    public Map<String, DataType> listReadableMetadata() {
        Map<String, DataType> readable = new LinkedHashMap<>();
        metadataColumns().forEach((key, column) -> readable.put(key, column.getDataType()));
        return readable;
    }

    @Override
    public void applyReadableMetadata(List<String> keys, DataType producedDataType) {
        metadataKeys = List.copyOf(keys);
    }

    /** The keys that the query doesn't use stay in the row: a case's rows have all columns, whatever the query reads. */
    @Override
    public boolean supportsMetadataProjection() {
        return false;
    }

    @Override
    public void applyWatermark(WatermarkStrategy<RowData> strategy) {
        watermarks = strategy;
    }

    @Override
    public DynamicTableSource copy() {
        CasesTableSource copy = new CasesTableSource(path, changes, schema);
        copy.metadataKeys = metadataKeys;
        copy.watermarks = watermarks;
        return copy;
    }

    @Override
    public String asSummaryString() {
        return "Featuremill case (" + path + ")";
    }
}
