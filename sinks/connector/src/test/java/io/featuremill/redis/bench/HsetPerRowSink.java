package io.featuremill.redis.bench;

import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.table.data.RowData;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol;

/** What is written first by everybody: one HSET a row, and a wait for its answer. It has no time to live. */
record HsetPerRowSink(String host, int port) implements Sink<RowData> {

    @Override
    public SinkWriter<RowData> createWriter(WriterInitContext context) {
        return new Writer(new Jedis(host, port));
    }

    private record Writer(Jedis redis) implements SinkWriter<RowData> {

        @Override
        public void write(RowData row, Context context) {
            redis.sendCommand(Protocol.Command.HSET, RowEntry.of(row).hset());
        }

        @Override
        public void flush(boolean endOfInput) {}

        @Override
        public void close() {
            redis.close();
        }
    }
}
