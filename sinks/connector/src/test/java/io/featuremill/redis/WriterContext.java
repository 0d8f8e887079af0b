package io.featuremill.redis;

import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.flink.api.common.JobInfo;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.TaskInfoImpl;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.common.serialization.SerializationSchema.InitializationContext;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.metrics.groups.InternalSinkWriterMetricGroup;
import org.apache.flink.util.UserCodeClassLoader;
import org.apache.flink.util.function.ThrowingRunnable;

/** What Flink gives to a writer that begins: its number, a clock, the mailbox of its task, and metrics that nobody reads. */
record WriterContext(int index, ProcessingTimeService time, MailboxExecutor mailbox) implements WriterInitContext {

    /** What other threads leave for the task's own, which here is the test's. */
    static final class Mailbox implements MailboxExecutor {

        private final Queue<ThrowingRunnable<? extends Exception>> mails = new ConcurrentLinkedQueue<>();

        @Override
        public void execute(
                MailOptions options, ThrowingRunnable<? extends Exception> command, String description, Object... arguments) {
            mails.add(command);
        }

        /** Does what has come, as the task does between two rows. */
        void empty() throws Exception {
            for (ThrowingRunnable<? extends Exception> mail = mails.poll(); mail != null; mail = mails.poll()) {
                mail.run();
            }
        }

        @Override
        public void yield() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean tryYield() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean shouldInterrupt() {
            throw new UnsupportedOperationException();
        }
    }

    @Override
    public ProcessingTimeService getProcessingTimeService() {
        return time;
    }

    @Override
    public SinkWriterMetricGroup metricGroup() {
        return InternalSinkWriterMetricGroup.wrap(UnregisteredMetricsGroup.createOperatorMetricGroup());
    }

    @Override
    public boolean isObjectReuseEnabled() {
        return false;
    }

    @Override
    public OptionalLong getRestoredCheckpointId() {
        return OptionalLong.empty();
    }

    @Override
    public UserCodeClassLoader getUserCodeClassLoader() {
        throw new UnsupportedOperationException();
    }

    @Override
    public MailboxExecutor getMailboxExecutor() {
        return mailbox;
    }

    @Override
    public InitializationContext asSerializationSchemaInitializationContext() {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> TypeSerializer<T> createInputSerializer() {
        throw new UnsupportedOperationException();
    }

    @Override
    public JobInfo getJobInfo() {
        throw new UnsupportedOperationException();
    }

    @Override
    public TaskInfo getTaskInfo() {
        return new TaskInfoImpl("sink", Scenario.MOST_WRITERS, index, Scenario.MOST_WRITERS, 0);
    }
}
