package io.bida.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free ports that stay free while their owner is down: they lie below those that systems give to outgoing connections,
 * so that a server or proxy can come back on its own.
 */
final class Ports {

    private static final int FIRST = 15_000;
    private static final int LAST = 32_000;
    private static final int TRIES = 200;

    private Ports() {}

    static int free() {
        for (int i = 0; i < TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return port;
            } catch (IOException e) {
                // Taken: the next one.
            }
        }
        throw new IllegalStateException(
                "None of " + TRIES + " ports tried between " + FIRST + " and " + LAST + " is free.");
    }
}
