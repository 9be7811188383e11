package io.bida.testkit;

import io.bida.message.BidaException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process with its children and its log. */
final class ServerProcess {

    private static final int LAST_LINES = 12;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration TIDY = Duration.ofSeconds(3);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

    private final Process process;
    private final Path log;

    private ServerProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts a process in a folder; what it prints goes to a log there. */
    static ServerProcess start(List<String> command, Path folder) {
        return start(command, folder, ProcessBuilder.Redirect.from(new File("/dev/null")));
    }

    static ServerProcess start(List<String> command, Path folder, ProcessBuilder.Redirect input) {
        Path log = folder.resolve("server.log");
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectInput(input)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            return new ServerProcess(process, log);
        } catch (IOException e) {
            throw new BidaException(command.get(0) + " cannot be run: " + e.getMessage(), e);
        }
    }

    /** Runs a command to its end. */
    static void run(List<String> command, Path folder, ProcessBuilder.Redirect input) {
        ServerProcess process = start(command, folder, input);
        try {
            int code = process.process.waitFor();
            if (code != 0) {
                throw new BidaException(command.get(0) + " ended with code " + code + process.lastWords());
            }
        } catch (InterruptedException e) {
            process.kill();
            Thread.currentThread().interrupt();
            throw new BidaException(command.get(0) + " was interrupted.", e);
        }
    }

    long pid() {
        return process.pid();
    }

    Path log() {
        return log;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Asks the process to end at once but tidily ({@code kill -QUIT}), and kills what is left. */
    void quit() {
        if (isAlive()) {
            kill("QUIT", Stream.of(process.toHandle()));
            try {
                process.waitFor(TIDY.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        kill();
    }

    /** Asks the process to end ({@code kill}), gives it time, and kills what is left. */
    void terminate() {
        process.destroy();
        try {
            process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        kill();
    }

    /** Kills the process and its children, and waits until they are gone. */
    void kill() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        long begin = System.nanoTime();
        while ((process.isAlive() || children.stream().anyMatch(ServerProcess::runs))
                && System.nanoTime() - begin < PATIENCE.toNanos()) {
            Waits.sleep(LOOK_AGAIN);
        }
    }

    /** A dead orphan that nobody has buried yet counts as alive, but has no program any more. */
    private static boolean runs(ProcessHandle orphan) {
        return orphan.isAlive() && orphan.info().command().isPresent();
    }

    /** Sends a signal to the process and its children. */
    void signal(String name) {
        kill(name, Stream.concat(Stream.of(process.toHandle()), process.descendants()));
    }

    /** Stops the process and its children and returns when none of their threads runs any more (where Linux tells). */
    void stop() {
        signal("STOP");
        long begin = System.nanoTime();
        while (Stream.concat(Stream.of(process.toHandle()), process.descendants())
                        .anyMatch(ServerProcess::hasRunningThread)
                && System.nanoTime() - begin < PATIENCE.toNanos()) {
            Waits.sleep(LOOK_AGAIN);
        }
    }

    /** A thread's state stands behind its name, which is in parentheses. */
    private static boolean hasRunningThread(ProcessHandle one) {
        Path threads = Path.of("/proc", String.valueOf(one.pid()), "task");
        if (!Files.isDirectory(threads)) {
            return false;
        }
        try (Stream<Path> each = Files.list(threads)) {
            return each.anyMatch(thread -> {
                try {
                    String stat = Files.readString(thread.resolve("stat"), StandardCharsets.ISO_8859_1);
                    return "TtZX".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) < 0;
                } catch (IOException e) {
                    return false; // It has ended.
                }
            });
        } catch (IOException e) {
            return false; // It has ended.
        }
    }

    private void kill(String name, Stream<ProcessHandle> targets) {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name));
        targets.map(one -> String.valueOf(one.pid())).forEach(command::add);
        try {
            Process kill = new ProcessBuilder(command).inheritIO().start();
            if (!kill.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || kill.exitValue() != 0) {
                throw new BidaException("The signal " + name + " did not reach process " + pid() + ".");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The end of a sentence: the last lines of the log. */
    String lastWords() {
        try {
            List<String> lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            if (lines.isEmpty()) {
                return " and printed nothing.";
            }
            return "; the end of its log:\n"
                    + String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
        } catch (IOException e) {
            return " and left no log.";
        }
    }
}
