package io.bida.compatibility;

import com.zaxxer.hikari.HikariDataSource;
import io.bida.inbox.Inbox;
import io.bida.message.Message;
import io.bida.transport.Answer;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Consumers in a process of their own, and the line to it: what is written to it is a delivery, {@code group number};
 * what it writes is the delivery and whether it is to be acknowledged. It ends with its line.
 */
final class ChildConsumers implements AutoCloseable {

    static final int GROUPS = 3;
    static final int THREADS = 8;

    private static final double FAILURES = 0.05;
    private static final String ACKNOWLEDGED = "+";
    private static final String TO_RETRY = "-";

    /** One message of one group, on its way to a consumer. */
    record Delivery(int group, int number) {

        static Delivery of(String text) {
            String[] parts = text.split(" ", 2);
            return new Delivery(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
        }

        @Override
        public String toString() {
            return group + " " + number;
        }
    }

    /** What became of a delivery; none when the process has ended. */
    record Reply(Delivery delivery, boolean acknowledged) {}

    private final Process process;
    private final BufferedWriter deliveries;
    private final BufferedReader replies;

    private ChildConsumers(Process process) {
        this.process = process;
        this.deliveries =
                new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.US_ASCII));
        this.replies = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    }

    static ChildConsumers start(Schema schema, File log) {
        try {
            ProcessBuilder command = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx256m",
                            "-XX:+UseSerialGC",
                            ConsumerCrashTest.IS_LONG ? "-XX:+TieredCompilation" : "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            ChildConsumers.class.getName(),
                            schema.database.url(),
                            schema.database.user()))
                    .redirectError(ProcessBuilder.Redirect.appendTo(log));
            command.environment().put(ChildRelay.SECRET, schema.database.password());
            return new ChildConsumers(command.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the delivery was handed over; not to a process that has ended. */
    boolean deliver(Delivery delivery) {
        try {
            deliveries.write(delivery + "\n");
            deliveries.flush();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Waits for the next reply; null when the process has ended. */
    @Nullable Reply reply() {
        try {
            String line = replies.readLine();
            return line == null || line.length() < 2
                    ? null
                    : new Reply(Delivery.of(line.substring(1)), line.startsWith(ACKNOWLEDGED));
        } catch (IOException e) {
            return null;
        }
    }

    /** {@code kill -9}. */
    @Override
    public void close() {
        process.destroyForcibly();
    }

    public static void main(String[] arguments) throws IOException {
        PrintStream replies = System.out;
        System.setOut(System.err);
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(arguments[0]);
        pool.setUsername(arguments[1]);
        pool.setPassword(System.getenv(ChildRelay.SECRET));
        pool.setMaximumPoolSize(THREADS);
        pool.setAutoCommit(false);
        pool.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        List<Inbox> groups = IntStream.range(0, GROUPS)
                .mapToObj(group -> Inbox.forGroup("group-" + group).on(pool).build())
                .toList();
        BlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();
        for (int i = 0; i < THREADS; i++) {
            Thread consumer = new Thread(() -> consume(groups, deliveries, replies), "consumer-" + i);
            consumer.setDaemon(true);
            consumer.start();
        }
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            deliveries.add(Delivery.of(line));
        }
    }

    private static void consume(List<Inbox> groups, BlockingQueue<Delivery> deliveries, PrintStream replies) {
        try {
            while (true) {
                Delivery delivery = deliveries.take();
                Answer answer = groups.get(delivery.group())
                        .handle(message(delivery.number()), (tx, message) -> take(tx, delivery));
                boolean done = answer instanceof Answer.Handled || answer instanceof Answer.Duplicate;
                replies.print((done ? ACKNOWLEDGED : TO_RETRY) + delivery + "\n");
                replies.flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void take(Handle tx, Delivery delivery) {
        tx.execute("INSERT INTO effect (consumer, number) VALUES (?, ?)", delivery.group(), delivery.number());
        if (ThreadLocalRandom.current().nextDouble() < FAILURES) {
            throw new IllegalStateException("The handler failed after its work was done.");
        }
    }

    private static Message message(int number) {
        return Schema.message("order-" + number, null);
    }
}
