package io.bida.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A process for the relay alone, with 512 MiB of heap and the JVM's defaults, as one that ships for a service would be.
 * It stays warm between orders. Whatever fails ends it. Not thread-safe.
 */
final class RelayProcess implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 1_800;
    private static final long END_SECONDS = 15;

    private final Process process;
    private final BufferedWriter requests;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

    private RelayProcess(Process process) {
        this.process = process;
        this.requests = process.outputWriter(StandardCharsets.UTF_8);
        Thread reading = new Thread(this::read, "answers of the relay's process");
        reading.setDaemon(true);
        reading.start();
    }

    static RelayProcess start() throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                RelayMain.class.getName());
        return new RelayProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** The processor time it took so far, in seconds. */
    double cpu() {
        return Cpu.of(process.toHandle());
    }

    /** Returns when the relays are ready. */
    void begin(RelayOrder order) throws IOException, InterruptedException {
        ask("start " + RelayMain.JSON.writeValueAsString(order));
    }

    /** Lets all its relays look at once. */
    void wake() throws IOException, InterruptedException {
        ask("wake");
    }

    void awaitSent(long messages) throws IOException, InterruptedException {
        ask("sent " + messages);
    }

    /** Answers when, in microseconds, so many were sent and none was left in a span of the outbox. */
    long awaitSettled(long messages, long after, long upTo) throws IOException, InterruptedException {
        return Long.parseLong(ask("settled " + messages + " " + after + " " + upTo));
    }

    RelayReport end() throws IOException, InterruptedException {
        return RelayMain.JSON.readValue(ask("stop"), RelayReport.class);
    }

    private String ask(String request) throws IOException, InterruptedException {
        String answer = "failed its process did not answer";
        try {
            requests.write(request);
            requests.newLine();
            requests.flush();
            String read = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            answer = read == null ? answer : read;
        } finally {
            if (!answer.startsWith("ok ")) {
                process.destroyForcibly();
            }
        }
        if (!answer.startsWith("ok ")) {
            throw new IllegalStateException("the relay: " + answer.substring("failed ".length()));
        }
        return answer.substring("ok ".length());
    }

    private void read() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                answers.add(line);
            }
        } catch (IOException e) {
            // It was killed, which is told next.
        }
        answers.add("failed its process ended");
    }

    @Override
    public void close() throws IOException, InterruptedException {
        try {
            requests.close();
            process.waitFor(END_SECONDS, TimeUnit.SECONDS);
        } finally {
            process.destroyForcibly();
        }
    }
}
