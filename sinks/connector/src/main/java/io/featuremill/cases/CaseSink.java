package io.featuremill.cases;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.table.data.RowData;

/** Writes each row as a line of one file, which is empty before the first. */
final class CaseSink implements Sink<RowData> {

    private static final long serialVersionUID = 1L;

    private final String path;
    private final SerializationSchema<RowData> serializer;

    CaseSink(String path, SerializationSchema<RowData> serializer) {
        this.path = path;
        this.serializer = serializer;
    }

    @Override
    public SinkWriter<RowData> createWriter(WriterInitContext context) throws IOException {
        try {
            serializer.open(context.asSerializationSchemaInitializationContext());
        } catch (Exception e) {
            throw new IOException(e);
        }
        OutputStream lines = new BufferedOutputStream(Files.newOutputStream(Path.of(path)));
        return new SinkWriter<>() {
            @Override
            public void write(RowData row, Context context) throws IOException {
                lines.write(serializer.serialize(row));
                lines.write('\n');
            }

            @Override
            public void flush(boolean endOfInput) throws IOException {
                lines.flush();
            }

            @Override
            public void close() throws IOException {
                lines.close();
            }
        };
    }
}
