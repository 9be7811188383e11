package io.bida.examples.demo;

import io.bida.testkit.Brokers;
import io.bida.transport.Intake;
import java.util.Locale;

/** What the messages travel by. */
enum Way {
    HTTP,
    KAFKA,
    RABBITMQ,
    NATS,
    REDIS,
    ROCKETMQ,
    JMS,
    MQTT;

    /** What goes wrong on it, as part of a sentence. */
    String faults() {
        return this == HTTP
                ? "the network refuses, cuts, and loses answers"
                : "the broker is killed in the middle and comes back";
    }

    /** @param stock where it ends */
    Road open(Intake stock) {
        return switch (this) {
            case HTTP -> HttpRoad.to(stock);
            case KAFKA -> BrokerRoad.over(Brokers.KAFKA, stock);
            case RABBITMQ -> BrokerRoad.over(Brokers.RABBITMQ, stock);
            case NATS -> BrokerRoad.over(Brokers.NATS, stock);
            case REDIS -> BrokerRoad.over(Brokers.REDIS, stock);
            case ROCKETMQ -> BrokerRoad.over(Brokers.ROCKETMQ, stock);
            case JMS -> BrokerRoad.over(Brokers.JMS, stock);
            case MQTT -> BrokerRoad.over(Brokers.MQTT, stock);
        };
    }

    /** The word of the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
