package io.bida.testkit;

import io.bida.message.BidaException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A real server without Docker, in a process of its own: on a free port of the loopback address, in a private temporary
 * folder, as root or as a plain user. It can be killed at any moment and comes back on the same port with the same data.
 *
 * <p>The process ends, and the folder goes, with {@link #close()} or with this JVM. Thread-safe.
 */
public abstract sealed class LocalServer implements AutoCloseable permits DatabaseServer, BrokerServer {

    static final String LOOPBACK = "127.0.0.1";

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

    private final Path folder;
    private final int port = Ports.free();
    private final Thread atExit = new Thread(this::end, "end-of-server");
    private @Nullable ServerProcess process;

    /** @param word for the folder's name */
    LocalServer(String word) {
        this.folder = Folders.temporary("bida-" + word + "-");
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    public final int port() {
        return port;
    }

    /** The id of the server's process; where it has several, of the one that is the parent of the others. */
    public final synchronized long pid() {
        return running().pid();
    }

    /** The file with what the server prints. */
    public final synchronized Path log() {
        return running().log();
    }

    public final synchronized boolean isRunning() {
        return process != null && process.isAlive();
    }

    /** Ends the server as a crash would ({@code kill -9}, all its processes) and returns when it is dead. */
    public final synchronized void kill() {
        if (process != null) {
            process.kill();
        }
    }

    /** Takes the processor away from the server ({@code kill -STOP}): connections stay, nothing is answered. */
    public final synchronized void pause() {
        running().stop();
    }

    /** Ends {@link #pause()}. */
    public final synchronized void resume() {
        running().signal("CONT");
    }

    /** Starts the server again, on the same port with the same data; one that still runs is killed first. */
    public final synchronized void restart() {
        kill();
        begin();
    }

    /** Asks the server to end ({@code kill}) and waits until it has. */
    final synchronized void terminate() {
        if (process != null) {
            process.terminate();
        }
    }

    /** Ends the server and deletes its folder. */
    @Override
    public final void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            return; // The JVM is ending, and the hook does the rest.
        }
        end();
    }

    /** The command that runs the server in the foreground. */
    abstract List<String> command();

    /** Whether the server of that process id takes connections. */
    abstract boolean answers(long pid);

    /** Ends the server for good. */
    void end(ServerProcess server) {
        server.kill();
    }

    final Path folder() {
        return folder;
    }

    final synchronized void begin() {
        ServerProcess started = ServerProcess.start(command(), folder);
        process = started;
        long begin = System.nanoTime();
        while (!answers(started.pid())) {
            if (!started.isAlive()) {
                throw new BidaException(name() + " ended while it started" + started.lastWords());
            }
            if (System.nanoTime() - begin > PATIENCE.toNanos()) {
                started.kill();
                throw new BidaException(
                        name() + " took no connection for " + PATIENCE.toSeconds() + " s" + started.lastWords());
            }
            Waits.sleep(LOOK_AGAIN);
            if (Thread.currentThread().isInterrupted()) {
                started.kill();
                throw new BidaException(name() + " was not started: the thread was interrupted.");
            }
        }
    }

    private ServerProcess running() {
        if (process == null || !process.isAlive()) {
            throw new IllegalStateException(name() + " does not run.");
        }
        return process;
    }

    private synchronized void end() {
        if (process != null) {
            end(process);
        }
        Folders.delete(folder);
    }

    private String name() {
        return getClass().getSimpleName() + " on port " + port;
    }
}
