package io.bida.transport.jms;

import io.bida.testkit.FaultyProxy;
import io.bida.transport.contract.Carrier;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** What the carriers of JMS have in common. */
abstract class JmsCarrier implements Carrier {

    private static final AtomicInteger CHANNELS = new AtomicInteger();

    private final FaultyProxy proxy;

    JmsCarrier(int port) {
        proxy = FaultyProxy.to("127.0.0.1", port);
    }

    /** A queue's name is made known to the broker. */
    abstract void create(String queue);

    abstract ConnectionFactory factory(Way way);

    abstract String user();

    abstract String operator();

    abstract String password();

    /** Something with the session of a user. */
    interface Work<T> {
        T with(Session session) throws JMSException;
    }

    final <T> T as(String user, Work<T> work) {
        try (Connection connection = factory(Way.STRAIGHT).createConnection(user, password())) {
            connection.start();
            return work.with(connection.createSession());
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    final JmsSender.Builder sender(Way way) {
        return JmsSender.to(factory(way)).login(user(), password());
    }

    final JmsReceiver.Builder receiver(Way way) {
        return JmsReceiver.from(factory(way)).login(user(), password());
    }

    final int port(Way way) {
        return way == Way.STRAIGHT ? broker().port() : proxy.port();
    }

    @Override
    public FaultyProxy proxy() {
        return proxy;
    }

    @Override
    public String newChannel() {
        String channel = "orders-" + CHANNELS.incrementAndGet();
        create(channel);
        create(channel + ".dead");
        return channel;
    }

    @Override
    public String type() {
        return "jms";
    }

    @Override
    public Map<String, Object> settings(Way way, String channel) {
        return Map.of(
                "factory",
                factory(way).getClass().getName(),
                "url",
                "tcp://127.0.0.1:" + port(way),
                "user",
                user(),
                "password",
                password(),
                "queue",
                channel);
    }

    @Override
    public Optional<Map<String, Object>> settingsWithWrongPassword(String channel) {
        Map<String, Object> settings = new HashMap<>(settings(Way.STRAIGHT, channel));
        settings.put("password", "wrong-secret");
        return Optional.of(settings);
    }

    @Override
    public Receiving receive(Order order) {
        JmsReceiver receiver = receiver(order.way())
                .queue(order.channel())
                .to(order.intake())
                .others(order.others())
                .redelivery(order.redelivery())
                .window(order.window())
                .open();
        return new Receiving(receiver, receiver::unacknowledged);
    }

    @Override
    public List<String> deadLetters(String channel) {
        return texts(channel + ".dead");
    }

    @Override
    public void putPlain(String channel, String text) {
        as(user(), session -> {
            session.createProducer(session.createQueue(channel)).send(session.createTextMessage(text));
            return text;
        });
    }

    @Override
    public void close() {
        proxy.close();
        broker().close();
    }

    /** What a queue holds. */
    final List<String> texts(String queue) {
        return as(operator(), session -> texts(session, session.createQueue(queue)));
    }

    private static List<String> texts(Session session, Queue queue) throws JMSException {
        List<String> texts = new ArrayList<>();
        try (QueueBrowser browser = session.createBrowser(queue)) {
            for (Enumeration<?> all = browser.getEnumeration(); all.hasMoreElements(); ) {
                texts.add(JmsEvents.read("dead", (Message) all.nextElement())
                        .payload()
                        .asUtf8());
            }
        }
        return texts;
    }
}
