package io.featuremill.redis;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * Writes and reads {@link RedisWriterState}.
 *
 * <p>Version 1: the four bytes {@code FMWS}, the number of rows, the rows, and a CRC-32 of all before it. A row is entity key,
 * pipeline, event time, sequence, time to live (-1: none), the number of features, and for each its name and its value. Byte
 * strings have their length before them, -1 standing for null; numbers are big-endian. What an older version has written must
 * stay readable: tests keep its bytes as files.
 */
public final class RedisWriterStateSerializer implements SimpleVersionedSerializer<RedisWriterState> {

    static final int VERSION = 1;
    private static final int MAGIC = 0x464D5753;
    private static final int SMALLEST_ROW = 4 + 4 + 3 * 8 + 4;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(RedisWriterState state) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(256);
        out.writeInt(MAGIC);
        out.writeInt(state.rows().size());
        for (FeatureRow row : state.rows()) {
            writeBytes(out, row.key().entityKey());
            writeBytes(out, row.key().pipeline());
            out.writeLong(row.eventTime());
            out.writeLong(row.sequence());
            out.writeLong(row.ttlMs());
            out.writeInt(row.names().length);
            for (int i = 0; i < row.names().length; i++) {
                writeBytes(out, row.names()[i]);
                writeBytes(out, row.values()[i]);
            }
        }
        out.writeInt(checksum(out.getSharedBuffer(), out.length()));
        return out.getCopyOfBuffer();
    }

    @Override
    public RedisWriterState deserialize(int version, byte[] bytes) throws IOException {
        if (version != VERSION) {
            throw new IOException("The Redis writer's state has version " + version + ", and this release reads version "
                    + VERSION + " only. Restore it with the release that wrote it.");
        }
        DataInputDeserializer in = new DataInputDeserializer(bytes);
        if (bytes.length < 12 || in.readInt() != MAGIC) {
            throw garbage("it doesn't begin as one");
        }
        int end = bytes.length - 4;
        if (new DataInputDeserializer(bytes, end, 4).readInt() != checksum(bytes, end)) {
            throw garbage("its checksum is wrong");
        }
        int count = length(in, SMALLEST_ROW);
        List<FeatureRow> rows = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            rows.add(readRow(in, rows.isEmpty() ? null : rows.get(i - 1).featureNames()));
        }
        if (in.available() != 4) {
            throw garbage("bytes are left over");
        }
        return new RedisWriterState(rows);
    }

    private static FeatureRow readRow(DataInputDeserializer in, FeatureNames last) throws IOException {
        RowKey key = new RowKey(readBytes(in), readBytes(in));
        long eventTime = in.readLong();
        long sequence = in.readLong();
        long ttlMs = in.readLong();
        int features = length(in, 8);
        byte[][] names = new byte[features][];
        byte[][] values = new byte[features][];
        for (int i = 0; i < features; i++) {
            names[i] = readBytes(in);
            values[i] = readBytes(in);
        }
        return new FeatureRow(key, eventTime, sequence, ttlMs, FeatureNames.of(names, last), values);
    }

    private static void writeBytes(DataOutputSerializer out, byte[] bytes) throws IOException {
        out.writeInt(bytes == null ? -1 : bytes.length);
        if (bytes != null) {
            out.write(bytes);
        }
    }

    private static byte[] readBytes(DataInputDeserializer in) throws IOException {
        int length = in.readInt();
        if (length == -1) {
            return null;
        }
        if (length < 0 || length > in.available()) {
            throw garbage("a length is out of range");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    /** A number of things of at least {@code smallest} bytes each, so that a wrong one can't ask for all of memory. */
    private static int length(DataInputDeserializer in, int smallest) throws IOException {
        int length = in.readInt();
        if (length < 0 || (long) length * smallest > in.available()) {
            throw garbage("a count is out of range");
        }
        return length;
    }

    private static int checksum(byte[] bytes, int end) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, end);
        return (int) crc.getValue();
    }

    private static IOException garbage(String why) {
        return new IOException("These bytes are not the state of a Redis writer: " + why + ".");
    }
}
