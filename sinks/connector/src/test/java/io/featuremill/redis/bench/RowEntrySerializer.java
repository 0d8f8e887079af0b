package io.featuremill.redis.bench;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.apache.flink.connector.base.sink.writer.AsyncSinkWriterStateSerializer;

/** What {@code AsyncSinkBase} has buffered goes into its checkpoints. */
final class RowEntrySerializer extends AsyncSinkWriterStateSerializer<RowEntry> {

    @Override
    protected void serializeRequestToStream(RowEntry row, DataOutputStream out) throws IOException {
        out.writeLong(row.ttlMs());
        out.writeInt(row.hset().length);
        for (byte[] argument : row.hset()) {
            out.writeInt(argument.length);
            out.write(argument);
        }
    }

    @Override
    protected RowEntry deserializeRequestFromStream(long size, DataInputStream in) throws IOException {
        long ttlMs = in.readLong();
        byte[][] hset = new byte[in.readInt()][];
        for (int i = 0; i < hset.length; i++) {
            hset[i] = in.readNBytes(in.readInt());
        }
        return new RowEntry(hset, ttlMs);
    }

    @Override
    public int getVersion() {
        return 1;
    }
}
