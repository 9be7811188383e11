package io.bida.transport;

import java.util.Set;

/** Makes senders from configuration; found by {@link java.util.ServiceLoader}. */
public interface SenderFactory {

    /** The word for {@code type:} in the configuration, such as {@code http}. */
    String type();

    /** The keys this transport knows beside {@code type}; any other is refused before {@link #create}. */
    Set<String> options();

    /** Opens a sender; a setting that is missing or wrong is a {@link io.bida.message.BidaException}. */
    Sender create(TransportSettings settings);
}
