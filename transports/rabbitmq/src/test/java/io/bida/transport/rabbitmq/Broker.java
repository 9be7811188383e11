package io.bida.transport.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import io.bida.testkit.RabbitMqServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** The broker of all tests here, which ends with the JVM, and what its own client does with it. */
final class Broker {

    private Broker() {}

    interface Task<T> {
        T on(Channel channel) throws IOException;
    }

    static RabbitMqServer server() {
        return Holder.SERVER;
    }

    /** A durable queue; a quorum queue unless the arguments say otherwise. */
    static void declare(String queue, Map<String, Object> arguments) {
        run(channel -> channel.queueDeclare(
                queue, true, false, false, arguments.isEmpty() ? Map.of("x-queue-type", "quorum") : arguments));
    }

    static void put(String queue, BasicProperties properties, String text) {
        run(channel -> {
            channel.confirmSelect();
            channel.basicPublish("", queue, true, properties, text.getBytes(StandardCharsets.UTF_8));
            try {
                return channel.waitForConfirms(10_000);
            } catch (InterruptedException | TimeoutException e) {
                throw new IOException(e);
            }
        });
    }

    /** All that is ready in a queue; it stays there. */
    static List<GetResponse> messages(String queue) {
        return run(channel -> {
            List<GetResponse> messages = new ArrayList<>();
            for (GetResponse next = channel.basicGet(queue, false);
                    next != null;
                    next = channel.basicGet(queue, false)) {
                messages.add(next);
            }
            return messages;
        });
    }

    static <T> T run(Task<T> task) {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setPort(server().port());
        factory.setUsername(server().user());
        factory.setPassword(server().password());
        try (Connection connection = factory.newConnection()) {
            return task.on(connection.createChannel());
        } catch (IOException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Holder {
        static final RabbitMqServer SERVER = RabbitMqServer.start();
    }
}
