package io.bida.transport.jdbc;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.transport.Receipt;
import io.bida.transport.Sender;
import io.bida.transport.SenderFactory;
import io.bida.transport.TransportSettings;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class JdbcSenderTest {

    private static final List<Message> MESSAGES = IntStream.range(0, 3)
            .mapToObj(i -> Message.to("orders")
                    .type("OrderPaid")
                    .bizId("o-" + i)
                    .payload("{}")
                    .build())
            .toList();

    @Test
    void anUnreachableDatabaseFailsEveryMessage() throws Exception {
        int freePort;
        try (ServerSocket socket = new ServerSocket(0)) {
            freePort = socket.getLocalPort();
        }
        try (Sender sender = factory()
                .create(settings(Map.of(
                        "url", "jdbc:h2:tcp://127.0.0.1:" + freePort + "/none", "group", "points", "timeout", "1s")))) {
            assertThat(receipts(sender.send(MESSAGES))).hasSize(3).hasOnlyElementsOfType(Receipt.Failed.class);
        }
    }

    @Test
    void aFactoryFoundByItsTypeMakesASenderThatSends() throws Exception {
        String url = "jdbc:h2:mem:factory;MODE=MySQL;DB_CLOSE_DELAY=-1";
        H2.at(url);
        try (Sender sender = factory().create(settings(Map.of("url", url, "group", "points", "connections", 1)))) {
            assertThat(receipts(sender.send(MESSAGES))).hasSize(3).hasOnlyElementsOfType(Receipt.Accepted.class);
            assertThat(receipts(sender.send(MESSAGES))).hasSize(3).hasOnlyElementsOfType(Receipt.Accepted.class);
        }
    }

    @Test
    void settingsThatCannotWorkAreRefused() {
        assertThatThrownBy(() -> factory().create(settings(Map.of("url", "jdbc:h2:mem:x"))))
                .isInstanceOf(BidaException.class)
                .hasMessageContaining("transports.shop.group");
        assertThatThrownBy(() -> factory().create(settings(Map.of("url", "jdbc:nothing:x", "group", "points"))))
                .isInstanceOf(BidaException.class)
                .hasMessageContaining("transports.shop.url");
        assertThatThrownBy(() -> factory().create(settings(Map.of("url", "jdbc:h2:mem:x", "group", " points"))))
                .isInstanceOf(BidaException.class);
    }

    @Test
    void closingCompletesWhatIsUnderWayAsUnknown() throws Exception {
        CountDownLatch atCommit = new CountDownLatch(1);
        CountDownLatch mayGo = new CountDownLatch(1);
        JdbcSender sender = new JdbcSender(
                beforeCommit(H2.fresh(), () -> {
                    atCommit.countDown();
                    mayGo.await(30, SECONDS);
                }),
                "points",
                Duration.ofSeconds(5),
                1);
        List<CompletionStage<Receipt>> sent = sender.send(MESSAGES);
        assertThat(atCommit.await(20, SECONDS)).isTrue();
        assertThat(sent.get(0).toCompletableFuture()).isNotDone();

        sender.close();

        assertThat(sent)
                .allSatisfy(stage ->
                        assertThat(stage.toCompletableFuture().getNow(null)).isInstanceOf(Receipt.Unknown.class));
        mayGo.countDown();
        assertThat(receipts(sender.send(MESSAGES))).hasSize(3).hasOnlyElementsOfType(Receipt.Failed.class);
    }

    @Test
    void aConnectionLostAtTheCommitLeavesTheMessagesUnknown() throws Exception {
        DataSource losing = beforeCommit(H2.fresh(), () -> {
            throw new SQLException("broken pipe", "08006");
        });
        try (JdbcSender sender = new JdbcSender(losing, "points", Duration.ofSeconds(5), 1)) {
            assertThat(receipts(sender.send(MESSAGES))).hasSize(3).hasOnlyElementsOfType(Receipt.Unknown.class);
        }
    }

    private static List<Receipt> receipts(List<CompletionStage<Receipt>> stages) throws Exception {
        List<CompletableFuture<Receipt>> futures =
                stages.stream().map(CompletionStage::toCompletableFuture).toList();
        CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new)).get(30, SECONDS);
        return futures.stream().map(CompletableFuture::join).toList();
    }

    private static SenderFactory factory() {
        return ServiceLoader.load(SenderFactory.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(factory -> factory.type().equals("jdbc"))
                .findFirst()
                .orElseThrow();
    }

    private static TransportSettings settings(Map<String, Object> options) {
        return new TransportSettings("shop", options);
    }

    private interface Step {
        void run() throws Exception;
    }

    /** The database, with a step before each commit. */
    private static DataSource beforeCommit(DataSource database, Step step) {
        return proxy(DataSource.class, (method, arguments) -> {
            Object result = method.invoke(database, arguments);
            if (!(result instanceof Connection connection)) {
                return result;
            }
            return proxy(Connection.class, (call, values) -> {
                if (call.getName().equals("commit")) {
                    step.run();
                }
                return call.invoke(connection, values);
            });
        });
    }

    private interface Calls {
        Object call(Method method, Object[] arguments) throws Exception;
    }

    private static <T> T proxy(Class<T> type, Calls calls) {
        return type.cast(Proxy.newProxyInstance(
                JdbcSenderTest.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    try {
                        return calls.call(method, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getTargetException();
                    }
                }));
    }
}
