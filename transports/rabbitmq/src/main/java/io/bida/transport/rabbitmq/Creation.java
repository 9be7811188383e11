package io.bida.transport.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.Map;

/** Creates what is missing, and touches nothing that is there, however it was declared. */
final class Creation {

    private interface Declaration {
        void on(Channel channel) throws IOException;
    }

    private static final String TYPE = "x-queue-type";

    private Creation() {}

    /** A durable quorum queue. */
    static void queue(Link link, String name) throws IOException {
        create(
                link,
                channel -> channel.queueDeclarePassive(name),
                channel -> channel.queueDeclare(name, true, false, false, quorum(channel)));
    }

    /**
     * From version 4 on the broker drops what came back 20 times, as it does while a database is down, unless it is told
     * otherwise; those before refuse to be told.
     */
    static Map<String, Object> quorum(Channel channel) {
        String version =
                String.valueOf(channel.getConnection().getServerProperties().get("version"));
        boolean limits = version.matches("([4-9]|\\d\\d)\\..*");
        return limits ? Map.of(TYPE, "quorum", "x-delivery-limit", -1) : Map.of(TYPE, "quorum");
    }

    /** A durable topic exchange. */
    static void exchange(Link link, String name) throws IOException {
        create(
                link,
                channel -> channel.exchangeDeclarePassive(name),
                channel -> channel.exchangeDeclare(name, "topic", true));
    }

    private static void create(Link link, Declaration look, Declaration declare) throws IOException {
        Channel channel = link.channel();
        try {
            look.on(channel);
        } catch (IOException e) {
            if (!isMissing(e)) {
                throw e;
            }
            channel = link.channel();
            declare.on(channel);
        }
        channel.abort();
    }

    private static boolean isMissing(IOException e) {
        return e.getCause() instanceof ShutdownSignalException signal
                && signal.getReason() instanceof AMQP.Channel.Close close
                && close.getReplyCode() == AMQP.NOT_FOUND;
    }
}
