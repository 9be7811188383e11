package io.bida.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The relay's process. Takes one request a line: {@code start} with a {@link RelayOrder}, {@code wake}, {@code sent}
 * with a number of messages, {@code settled} with one and a span of the outbox, {@code stop}; answers each with one
 * line, {@code ok} or {@code failed} and what there is to say.
 */
final class RelayMain {

    static final ObjectMapper JSON = new ObjectMapper();

    private @Nullable Relays relays;

    private RelayMain() {}

    public static void main(String[] arguments) throws IOException {
        RelayMain main = new RelayMain();
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String request = requests.readLine(); request != null; request = requests.readLine()) {
            System.out.println(main.answer(request));
        }
        Runtime.getRuntime().halt(0);
    }

    private String answer(String request) {
        String[] words = request.split(" ", 2);
        try {
            return "ok " + answer(words[0], words.length == 1 ? "" : words[1]);
        } catch (Exception e) {
            return "failed " + String.valueOf(e.getMessage()).replace('\n', ' ');
        }
    }

    private String answer(String verb, String rest) throws Exception {
        switch (verb) {
            case "start" -> {
                Heap.reset();
                relays = new Relays(JSON.readValue(rest, RelayOrder.class));
                relays.start();
            }
            case "wake" -> running().wake();
            case "sent" -> running().awaitSent(Long.parseLong(rest));
            case "settled" -> {
                long[] numbers =
                        Stream.of(rest.split(" ")).mapToLong(Long::parseLong).toArray();
                return String.valueOf(running().awaitSettled(numbers[0], numbers[1], numbers[2]));
            }
            case "stop" -> {
                RelayReport report = stop();
                return JSON.writeValueAsString(report);
            }
            default -> throw new IllegalArgumentException("no request '" + verb + "'");
        }
        return "";
    }

    private Relays running() {
        if (relays == null) {
            throw new IllegalStateException("no relay was started");
        }
        return relays;
    }

    private RelayReport stop() {
        try (Relays ending = running()) {
            relays = null;
            ending.close();
            return ending.report();
        }
    }
}
