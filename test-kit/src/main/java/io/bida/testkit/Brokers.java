package io.bida.testkit;

import java.util.Locale;

/** The brokers that can be started here. */
public enum Brokers {
    KAFKA,
    RABBITMQ,
    NATS,
    REDIS;

    /** Starts one of its own, durable. */
    public BrokerServer start() {
        return switch (this) {
            case KAFKA -> KafkaServer.start();
            case RABBITMQ -> RabbitMqServer.start();
            case NATS -> NatsServer.start();
            case REDIS -> RedisServer.start();
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
