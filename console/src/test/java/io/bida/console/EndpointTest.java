package io.bida.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.message.BidaException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Who asks how the process is gets an answer, and nothing else. */
class EndpointTest {

    private final AtomicBoolean live = new AtomicBoolean(true);
    private final AtomicBoolean ready = new AtomicBoolean();
    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void liveAndReadyAreAnsweredEachForItself() throws Exception {
        try (Endpoint endpoint = start(0)) {
            assertThat(get(endpoint, "/health/live")).isEqualTo("200 {\"status\":\"up\"}");
            assertThat(get(endpoint, "/health/ready")).isEqualTo("503 {\"status\":\"down\"}");
            live.set(false);
            ready.set(true);
            assertThat(get(endpoint, "/health/live")).isEqualTo("503 {\"status\":\"down\"}");
            assertThat(get(endpoint, "/health/ready")).isEqualTo("200 {\"status\":\"up\"}");
        }
    }

    @Test
    void metricsAreServedAsPrometheusReadsThem() throws Exception {
        try (Endpoint endpoint = start(0)) {
            assertThat(get(endpoint, "/metrics")).isEqualTo("200 bida_shards 64.0\n");
        }
    }

    @Test
    void nothingElseIsServed() throws Exception {
        try (Endpoint endpoint = start(0)) {
            assertThat(get(endpoint, "/")).startsWith("404 ");
            assertThat(get(endpoint, "/health/live/x")).startsWith("404 ");
            assertThat(ask(endpoint, "/health/live", "POST")).startsWith("405 ");
        }
    }

    @Test
    void aTakenPortIsNamed() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> start(taken.getLocalPort()))
                    .isInstanceOf(BidaException.class)
                    .hasMessage("Port " + taken.getLocalPort()
                            + " of 127.0.0.1 is taken; choose another as console.port, or 0 for a free one.");
        }
    }

    @Test
    void anAddressOfAnotherMachineIsNamed() {
        assertThatThrownBy(() -> Endpoint.start(
                        new RelayConfiguration.Console("192.0.2.1", 0),
                        live::get,
                        ready::get,
                        () -> "bida_shards 64.0\n"))
                .isInstanceOf(BidaException.class)
                .hasMessageStartingWith("The console cannot be bound to 192.0.2.1:0: ");
    }

    private Endpoint start(int port) {
        return Endpoint.start(
                new RelayConfiguration.Console("127.0.0.1", port), live::get, ready::get, () -> "bida_shards 64.0\n");
    }

    private String get(Endpoint endpoint, String path) throws IOException, InterruptedException {
        return ask(endpoint, path, "GET");
    }

    private String ask(Endpoint endpoint, String path, String method) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(endpoint.address() + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() + " " + answer.body();
    }
}
