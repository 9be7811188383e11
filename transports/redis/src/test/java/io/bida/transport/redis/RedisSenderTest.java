package io.bida.transport.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.testkit.RedisServer;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import io.bida.transport.TransportSettings;
import io.bida.transport.contract.Carrier.Way;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.StreamEntryID;

class RedisSenderTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static RedisCarrier carrier;

    private Jedis jedis;
    private String stream;

    @BeforeAll
    static void startServer() {
        carrier = new RedisCarrier();
    }

    @AfterAll
    static void endServer() {
        carrier.close();
    }

    @BeforeEach
    void open() {
        jedis = carrier.jedis();
        stream = carrier.newChannel();
    }

    @AfterEach
    void close() {
        jedis.close();
    }

    @Test
    void anotherClientSeesACloudEvent() throws Exception {
        Message message = Message.to("orders.paid")
                .type("OrderPaid")
                .bizId("42")
                .orderingKey("customer-7")
                .source("/orders")
                .headers(Map.of("tenant", "a", "traceparent", "00-1-2-01"))
                .createdAt(Instant.parse("2026-03-29T01:30:00Z"))
                .payload("{\"order\":42}")
                .build();

        Receipt receipt = send(Map.of(), message);

        Map<String, String> fields =
                jedis.xrange(stream, (StreamEntryID) null, null).get(0).getFields();
        assertThat(fields)
                .containsEntry("ce_specversion", "1.0")
                .containsEntry("ce_id", message.id().toString())
                .containsEntry("ce_type", "OrderPaid")
                .containsEntry("ce_source", "/orders")
                .containsEntry("ce_time", "2026-03-29T01:30:00Z")
                .containsEntry("ce_bizid", "42")
                .containsEntry("ce_scene", "OrderPaid")
                .containsEntry("ce_topic", "orders.paid")
                .containsEntry("ce_partitionkey", "customer-7")
                .containsEntry("traceparent", "00-1-2-01")
                .containsEntry("bida-h-tenant", "a")
                .containsEntry("content-type", "application/json")
                .containsEntry("data", "{\"order\":42}");
        assertThat(receipt)
                .isEqualTo(new Receipt.Accepted(
                        stream + " " + jedis.xinfoStream(stream).getLastGeneratedId()));
    }

    @Test
    void withoutAStreamTheTopicNamesIt() throws Exception {
        Map<String, Object> settings = new HashMap<>(carrier.settings(Way.STRAIGHT, "none"));
        settings.remove("stream");
        try (Sender sender = new RedisSenderFactory().create(new TransportSettings("redis", settings))) {
            assertThat(receipt(sender, message(stream))).isInstanceOf(Receipt.Accepted.class);
        }
        assertThat(jedis.xlen(stream)).isEqualTo(1);
    }

    @Test
    void aStreamThatIsMissingIsMadeOnlyWhenThatIsAskedFor() throws Exception {
        assertThat(send(Map.of("stream", "new-" + stream), message("t"))).isInstanceOf(Receipt.Failed.class);
        assertThat(jedis.exists("new-" + stream)).isFalse();

        assertThat(send(Map.of("stream", "new-" + stream, "create", true), message("t")))
                .isInstanceOf(Receipt.Accepted.class);
    }

    @Test
    void aStreamWithALongestLengthLosesItsOldest() throws Exception {
        try (Sender sender = sender(Map.of("max-length", 100))) {
            for (int i = 0; i < 500; i++) {
                receipt(sender, message("t"));
            }
        }

        assertThat(jedis.xlen(stream)).isBetween(100L, 300L);
    }

    @Test
    void aKeyThatIsNoStreamTakesNothing() throws Exception {
        jedis.set("text-" + stream, "a text");

        assertFailed(send(Map.of("stream", "text-" + stream), message("t")), false, "WRONGTYPE");
    }

    @Test
    void aUserThatMayNotWriteSendsNothing() throws Exception {
        jedis.aclSetUser("reader", "on", ">reader-secret", "allkeys", "+@read", "+@connection");

        assertFailed(send(Map.of("user", "reader", "password", "reader-secret"), message("t")), false, "NOPERM");
    }

    @Test
    void aServerWhoseMemoryIsFullTakesNothingUntilItHasRoom() throws Exception {
        try (Sender sender = sender(Map.of())) {
            jedis.configSet("maxmemory", "1mb");
            try {
                assertFailed(receipt(sender, message("t")), true, "OOM");
            } finally {
                jedis.configSet("maxmemory", "0");
            }
            assertThat(receipt(sender, message("t"))).isInstanceOf(Receipt.Accepted.class);
        }
    }

    @Test
    void aReplicaTakesNothingUntilItIsThePrimary() throws Exception {
        try (Sender sender = sender(Map.of())) {
            jedis.replicaof("127.0.0.1", 1);
            try {
                assertFailed(receipt(sender, message("t")), true, "READONLY");
            } finally {
                jedis.replicaofNoOne();
            }
            assertThat(receipt(sender, message("t"))).isInstanceOf(Receipt.Accepted.class);
        }
    }

    /** It refuses to wait for replicas of its own, too. */
    @Test
    void aReplicaThatIsToWaitForReplicasTakesNothingEither() throws Exception {
        try (Sender sender = sender(Map.of("wait-replicas", 1))) {
            jedis.replicaof("127.0.0.1", 1);
            try {
                assertFailed(receipt(sender, message("t")), true, "READONLY");
            } finally {
                jedis.replicaofNoOne();
            }
        }
    }

    @Test
    void aMessageIsAcceptedWhenAsManyReplicasHaveItAsAreAskedFor() throws Exception {
        try (Sender sender = sender(Map.of("wait-replicas", 1, "timeout", "4s"));
                RedisServer replica = RedisServer.start("--repl-diskless-load", "on-empty-db")) {
            assertThat(receipt(sender, message("t")))
                    .isInstanceOfSatisfying(
                            Receipt.Unknown.class,
                            unknown -> assertThat(unknown.reason()).contains("0 of 1 replicas"));

            try (Jedis other = RedisCarrier.jedis(replica)) {
                other.replicaof("127.0.0.1", carrier.broker().port());
                await().atMost(PATIENCE).until(() -> other.info("replication").contains("master_link_status:up"));
                await().atMost(PATIENCE)
                        .untilAsserted(
                                () -> assertThat(receipt(sender, message("t"))).isInstanceOf(Receipt.Accepted.class));
            }
        }
    }

    @Test
    void aServerThatIsDownIsNoErrorAndNoFaultOfTheMessage() throws Exception {
        RedisServer down = RedisServer.start();
        down.kill();
        try (Sender sender = sender(Map.of("url", "redis://127.0.0.1:" + down.port()))) {
            assertFailed(receipt(sender, message("t")), true, "cannot be reached");

            down.restart();

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertFailed(receipt(sender, message("t")), false, "has no stream"));
        } finally {
            down.close();
        }
    }

    @Test
    void aWrongSettingIsNamedAndItsSecretIsNot() {
        assertThatExceptionOfType(BidaException.class)
                .isThrownBy(() -> sender(Map.of("url", "http://me:hidden@host:1")))
                .withMessageContaining("transports.redis.url")
                .withMessageNotContaining("hidden");
        assertThatExceptionOfType(BidaException.class)
                .isThrownBy(() -> sender(Map.of("url", "redis://host:1/orders")))
                .withMessageContaining("url: after the port stands the number of a database");
        assertThatExceptionOfType(BidaException.class)
                .isThrownBy(() -> sender(
                        Map.of("url", "rediss://host:1", "properties", Map.of("truststore", "/nowhere/trust.p12"))))
                .withMessageContaining("properties.truststore: there is no file '/nowhere/trust.p12'");
        assertThatExceptionOfType(BidaException.class)
                .isThrownBy(() -> sender(Map.of("properties", Map.of("poolSize", "7"))))
                .withMessageContaining("transports.redis.properties.poolSize");
        assertThatExceptionOfType(BidaException.class)
                .isThrownBy(() -> sender(Map.of("create", "maybe")))
                .withMessageContaining("transports.redis.create");
    }

    private static void assertFailed(Receipt receipt, boolean unavailable, String reason) {
        assertThat(receipt).isInstanceOfSatisfying(Receipt.Failed.class, failed -> {
            assertThat(failed.reason()).contains(reason);
            assertThat(failed.unavailable()).isEqualTo(unavailable);
        });
    }

    private Receipt send(Map<String, Object> settings, Message message) throws Exception {
        try (Sender sender = sender(settings)) {
            return receipt(sender, message);
        }
    }

    private static Receipt receipt(Sender sender, Message message) throws Exception {
        return sender.send(List.of(message)).get(0).toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    /** @param settings beside those of the carrier, or instead of them */
    private Sender sender(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(carrier.settings(Way.STRAIGHT, stream));
        all.putAll(settings);
        return new RedisSenderFactory().create(new TransportSettings("redis", all));
    }

    private static Message message(String topic) {
        return Message.to(topic).type("Test").bizId("1").payload("a payload").build();
    }
}
