package io.bida.transport;

import io.bida.message.Message;
import io.bida.message.MessageId;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.function.Function;

/** Makes a message of what a receiver was given. Thread-safe. */
@FunctionalInterface
public interface DeliveryReader {

    /** @throws io.bida.message.RefusedException what came is no message and never will be: dead letter */
    Message read(Delivery delivery);

    /**
     * What came from Bida, or from another producer of CloudEvents by that binding; anything else is left to another
     * reader.
     */
    static DeliveryReader events(EventBinding binding, DeliveryReader others) {
        return delivery -> delivery.properties().stream().anyMatch(each -> binding.isVersion(each.getKey()))
                ? binding.read(delivery.properties(), delivery.contentType(), delivery.payload())
                : others.read(delivery);
    }

    /**
     * Producers that know neither Bida nor CloudEvents: the whole payload is the message's, the channel its topic, the
     * transport's key its ordering key.
     *
     * @param type of all these messages
     * @param bizId what makes one unique in the scene of that type, found in its payload, key or properties; a {@link
     *     io.bida.message.RefusedException} makes it a dead letter
     */
    static DeliveryReader plain(String type, Function<Delivery, String> bizId) {
        return delivery -> {
            String contentType = delivery.contentType();
            String unique = bizId.apply(delivery);
            String position = delivery.position() == null ? unique : delivery.position();
            Message.Builder message = Message.to(delivery.channel())
                    .id(new MessageId(UUID.nameUUIDFromBytes(
                            (delivery.channel() + '\n' + position).getBytes(StandardCharsets.UTF_8))))
                    .type(type)
                    .bizId(unique)
                    .orderingKey(delivery.key())
                    .payload(delivery.payload());
            return (contentType == null ? message : message.contentType(contentType)).build();
        };
    }
}
