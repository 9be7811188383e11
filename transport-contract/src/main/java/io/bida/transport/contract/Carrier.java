package io.bida.transport.contract;

import io.bida.testkit.BrokerServer;
import io.bida.testkit.FaultyProxy;
import io.bida.transport.DeliveryReader;
import io.bida.transport.Intake;
import io.bida.transport.Receiver;
import io.bida.transport.Redelivery;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntSupplier;

/** A transport with a real broker, as the contract sees it. */
public interface Carrier extends AutoCloseable {

    /** The way to the broker. */
    enum Way {
        STRAIGHT,
        /** Through {@link Carrier#proxy}. */
        PROXIED
    }

    /**
     * A receiver that runs.
     *
     * @param unacknowledged how many deliveries it has taken and not acknowledged
     */
    record Receiving(Receiver receiver, IntSupplier unacknowledged) {}

    /**
     * What a receiver is to do.
     *
     * @param group the consumer group; transports without groups take no notice
     * @param others reads what is no event
     * @param window the most deliveries that are to be unacknowledged at a time
     */
    record Order(
            Way way,
            String channel,
            String group,
            Intake intake,
            DeliveryReader others,
            Redelivery redelivery,
            int window) {}

    BrokerServer broker();

    /** In front of the broker: what goes through it passes {@link Way#PROXIED}. */
    FaultyProxy proxy();

    /** Creates a topic, queue or stream of a new name, with what belongs to it for dead letters. */
    String newChannel();

    /** The type of the sender's configuration. */
    String type();

    /** The sender's configuration, so that every message goes to that channel, whatever its topic. */
    Map<String, Object> settings(Way way, String channel);

    /** The same with a wrong password; empty where the transport knows none. */
    Optional<Map<String, Object>> settingsWithWrongPassword(String channel);

    /** A payload that the broker of {@link #settings} can never take; empty where it takes whatever Bida has. */
    OptionalInt tooLarge();

    /** Begins to receive. */
    Receiving receive(Order order);

    /** The payloads of the dead letters of a channel, as text, read by the broker's own client. */
    List<String> deadLetters(String channel);

    /** Puts a text into the channel by the broker's own client, without an envelope. */
    void putPlain(String channel, String text);

    /** Ends the broker and starts it again with what it had answered for. */
    default void restartBroker() {
        broker().restart();
    }

    /** Whether the broker drops what is sent again with the same message id. */
    default boolean dropsResends() {
        return false;
    }

    @Override
    void close();
}
