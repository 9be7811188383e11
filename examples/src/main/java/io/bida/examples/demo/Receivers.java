package io.bida.examples.demo;

import static io.bida.testkit.BrokerServer.properties;
import static io.bida.testkit.BrokerServer.text;

import io.bida.message.BidaException;
import io.bida.transport.Intake;
import io.bida.transport.Receiver;
import io.bida.transport.jms.JmsReceiver;
import io.bida.transport.kafka.KafkaReceiver;
import io.bida.transport.mqtt.MqttReceiver;
import io.bida.transport.nats.NatsReceiver;
import io.bida.transport.rabbitmq.RabbitMqReceiver;
import io.bida.transport.redis.RedisReceiver;
import io.bida.transport.rocketmq.RocketMqReceiver;
import java.util.Map;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

/** Receivers for the group {@code stock}, on the channel that a sender's settings name. */
final class Receivers {

    private static final String GROUP = "stock";

    private Receivers() {}

    static Receiver open(String type, Map<String, Object> sender, Intake stock) {
        return switch (type) {
            case "kafka" ->
                KafkaReceiver.from(properties(sender))
                        .topic(text(sender, "topic"))
                        .group(GROUP)
                        .to(stock)
                        .open();
            case "rabbitmq" ->
                RabbitMqReceiver.from(text(sender, "url"))
                        .user(text(sender, "user"))
                        .password(text(sender, "password"))
                        .queue(text(sender, "queue"))
                        .to(stock)
                        .open();
            case "nats" ->
                NatsReceiver.from(text(sender, "url"))
                        .user(text(sender, "user"))
                        .password(text(sender, "password"))
                        .subject(text(sender, "subject"))
                        .group(GROUP)
                        .to(stock)
                        .open();
            case "redis" ->
                RedisReceiver.from(text(sender, "url")).password(text(sender, "password")).stream(
                                text(sender, "stream"))
                        .group(GROUP)
                        .to(stock)
                        .open();
            case "rocketmq" ->
                RocketMqReceiver.from(text(sender, "url"))
                        .user(text(sender, "user"), text(sender, "password"))
                        .topic(text(sender, "topic"))
                        .group(GROUP)
                        .to(stock)
                        .open();
            case "jms" ->
                JmsReceiver.from(new ActiveMQConnectionFactory(text(sender, "url")))
                        .login(text(sender, "user"), text(sender, "password"))
                        .queue(text(sender, "queue"))
                        .to(stock)
                        .open();
            case "mqtt" ->
                MqttReceiver.from(text(sender, "url"))
                        .user(text(sender, "user"))
                        .password(text(sender, "password"))
                        .topic(text(sender, "topic"))
                        .group(GROUP)
                        .to(stock)
                        .open();
            default -> throw new BidaException("The demo has no receiver for " + type + ".");
        };
    }
}
