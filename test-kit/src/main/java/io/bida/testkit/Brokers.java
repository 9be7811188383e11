package io.bida.testkit;

import java.util.Locale;

/** The brokers that can be started here. */
public enum Brokers {
    KAFKA,
    RABBITMQ,
    NATS,
    REDIS,
    ROCKETMQ,
    JMS,
    MQTT;

    /** Starts one of its own, durable. */
    public BrokerServer start() {
        return switch (this) {
            case KAFKA -> KafkaServer.start();
            case RABBITMQ -> RabbitMqServer.start();
            case NATS -> NatsServer.start();
            case REDIS -> RedisServer.start();
            case ROCKETMQ -> RocketMqServer.start();
            case JMS -> ArtemisServer.start();
            case MQTT -> MosquittoServer.start();
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
