package io.bida.examples.demo;

import io.bida.testkit.FaultyProxy;
import io.bida.transport.Intake;
import io.bida.transport.Sender;
import io.bida.transport.http.HttpReceiver;
import io.bida.transport.http.HttpSender;
import java.net.URI;
import java.time.Duration;

/** HTTP over a network that fails. */
final class HttpRoad implements Road {

    private final HttpReceiver receiver;
    private final FaultyProxy network;
    private final Sender sender;

    private HttpRoad(Intake stock) {
        receiver = HttpReceiver.to(stock).open();
        network = FaultyProxy.to("127.0.0.1", receiver.port());
        sender = HttpSender.to(URI.create("http://127.0.0.1:" + network.port() + "/events"))
                .timeout(Duration.ofSeconds(1))
                .open();
    }

    static HttpRoad to(Intake stock) {
        return new HttpRoad(stock);
    }

    @Override
    public Sender sender() {
        return sender;
    }

    @Override
    public Weather weather() {
        return Weather.over(network);
    }

    @Override
    public void close() {
        sender.close();
        network.close();
        receiver.close();
    }
}
