package io.featuremill.cases;

import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.factories.DynamicTableSinkFactory;
import org.apache.flink.table.factories.DynamicTableSourceFactory;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.factories.SerializationFormatFactory;

/**
 * The connector {@code featuremill-cases}: golden cases read and write with it. As a source it reads a file of JSON lines to its
 * end, in order, and the file moves time; as a sink it writes a file of one line for each row.
 *
 * <p>A line of a source's file is a row, an object with all of the table's physical and metadata columns under their own names, or
 * one of
 *
 * <ul>
 *   <li>{@code {"@watermark": "2013-01-01T06:00:00Z"}}: no row before that time will come any more;
 *   <li>{@code {"@idle": true}}: until the next row the table holds up nobody's time.
 * </ul>
 *
 * Beside these, the table's own {@code WATERMARK FOR} is asked after every row, not every 200 ms, so that which rows are late doesn't
 * depend on the machine. At the end of the file time ends, too: every window closes.
 *
 * <p>Where the table's rows can change others, a row has a member {@code "@kind"}: {@code +I}, {@code -U}, {@code +U} or {@code -D};
 * without it, it is {@code +I}.
 *
 * <table>
 *   <caption>Options</caption>
 *   <tr><th>option</th><th>default</th><th>effect</th></tr>
 *   <tr><td>{@code path}</td><td>required</td><td>the file, on the machine that runs the job</td></tr>
 *   <tr><td>{@code changes}</td><td>append</td><td>of a source, what its rows may do to each other: {@code append}, {@code upsert}
 *       or {@code all}</td></tr>
 *   <tr><td>{@code format}</td><td>required of a sink</td><td>how a row is written, for example {@code json}</td></tr>
 * </table>
 *
 * It keeps nothing in checkpoints: a job that restarts would begin again.
 */
public final class CasesTableFactory implements DynamicTableSourceFactory, DynamicTableSinkFactory {

    public static final String IDENTIFIER = "featuremill-cases";

    @Override
    public String factoryIdentifier() {
        return IDENTIFIER;
    }

    @Override
    public DynamicTableSource createDynamicTableSource(Context context) {
        FactoryUtil.TableFactoryHelper helper = FactoryUtil.createTableFactoryHelper(this, context);
        helper.validate();
        return new CasesTableSource(
                helper.getOptions().get(CaseOptions.PATH),
                helper.getOptions().get(CaseOptions.CHANGES),
                context.getCatalogTable().getResolvedSchema());
    }

    @Override
    public DynamicTableSink createDynamicTableSink(Context context) {
        FactoryUtil.TableFactoryHelper helper = FactoryUtil.createTableFactoryHelper(this, context);
        var format = helper.discoverEncodingFormat(SerializationFormatFactory.class, FactoryUtil.FORMAT);
        helper.validate();
        return new CasesTableSink(helper.getOptions().get(CaseOptions.PATH), format, context.getPhysicalRowDataType());
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of(CaseOptions.PATH);
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Set.of(CaseOptions.CHANGES, FactoryUtil.FORMAT);
    }
}
