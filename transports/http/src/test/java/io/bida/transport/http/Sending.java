package io.bida.transport.http;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.bida.message.Message;
import io.bida.transport.Receipt;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** What the tests say often. */
final class Sending {

    static final Message MESSAGE = Message.to("orders.paid")
            .type("OrderPaid")
            .bizId("order-42")
            .payload("{}")
            .build();

    private Sending() {}

    static HttpSender to(int port) {
        return builder(port).open();
    }

    static HttpSender.Builder builder(int port) {
        return HttpSender.to(URI.create("http://127.0.0.1:" + port + "/events"));
    }

    static HttpSender impatient(int port) {
        return builder(port).timeout(Duration.ofMillis(300)).open();
    }

    static Receipt receipt(HttpSender sender, Message message) {
        return await(sender.send(List.of(message)).get(0));
    }

    static Receipt await(CompletionStage<Receipt> stage) {
        return stage.toCompletableFuture().orTimeout(20, SECONDS).join();
    }
}
