package io.featuremill.cases;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkGeneratorSupplier;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.table.data.RowData;
import org.apache.flink.util.clock.RelativeClock;
import org.apache.flink.util.clock.SystemClock;

/** Emits one line after the other. After each row the table's own watermark is computed and, where it has risen, sent. */
final class CaseReader implements SourceReader<RowData, NoSplit> {

    private static final long NO_TIMESTAMP = Long.MIN_VALUE;

    private final Path path;
    private final CaseLineParser parser;
    private final WatermarkGenerator<RowData> watermarks;
    private BufferedReader lines;
    private int number;
    private boolean idle;

    CaseReader(String path, CaseLineParser parser, WatermarkStrategy<RowData> watermarks, SourceReaderContext context) {
        this.path = Path.of(path);
        this.parser = parser;
        this.watermarks = watermarks.createWatermarkGenerator(generatorContext(context.metricGroup()));
    }

    private static WatermarkGeneratorSupplier.Context generatorContext(MetricGroup metrics) {
        return new WatermarkGeneratorSupplier.Context() {
            @Override
            public MetricGroup getMetricGroup() {
                return metrics;
            }

            @Override
            public RelativeClock getInputActivityClock() {
                return SystemClock.getInstance();
            }
        };
    }

    @Override
    public void start() {
        try {
            lines = Files.newBufferedReader(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public InputStatus pollNext(ReaderOutput<RowData> output) throws IOException {
        String line = lines.readLine();
        number++;
        if (line == null) {
            wake(output); // else the end of time would be that of an idle input, to which nobody listens
            return InputStatus.END_OF_INPUT;
        }
        if (!line.isBlank()) {
            emit(parse(line), output);
        }
        return InputStatus.MORE_AVAILABLE;
    }

    private CaseLine parse(String line) {
        try {
            return parser.parse(line);
        } catch (BadLineException e) {
            throw new BadLineException(path + ":" + number + ": " + e.getMessage());
        }
    }

    private void emit(CaseLine line, ReaderOutput<RowData> output) {
        if (line instanceof CaseLine.Row row) {
            wake(output);
            output.collect(row.data());
            watermarks.onEvent(row.data(), NO_TIMESTAMP, output);
            watermarks.onPeriodicEmit(output);
        } else if (line instanceof CaseLine.Time time) {
            wake(output);
            output.emitWatermark(new Watermark(time.milliseconds()));
        } else {
            idle = true;
            output.markIdle();
        }
    }

    private void wake(ReaderOutput<RowData> output) {
        if (idle) {
            idle = false;
            output.markActive();
        }
    }

    @Override
    public List<NoSplit> snapshotState(long checkpoint) {
        return List.of();
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void addSplits(List<NoSplit> splits) {}

    @Override
    public void notifyNoMoreSplits() {}

    @Override
    public void close() throws IOException {
        if (lines != null) {
            lines.close();
        }
    }
}
