package io.bida.inbox;

import io.bida.message.BidaException;
import io.bida.message.Message;
import io.bida.message.RefusedException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * A handler for each type of message. Immutable and thread-safe.
 *
 * <pre>{@code
 * Handler handlers = Handlers.json()
 *         .on("OrderPaid", OrderPaid.class, (tx, paid, m) -> tx.execute(
 *                 "UPDATE account SET points = points + ? WHERE id = ?", paid.points(), paid.account()))
 *         .on("OrderCancelled", (tx, m) -> tx.execute("DELETE FROM reservation WHERE order_id = ?", m.bizId().value()))
 *         .build();
 * }</pre>
 *
 * <p>A payload that cannot be read is rejected with a sentence, and so is a type without a handler, unless {@link
 * Builder#otherwise} says what is done with it.
 */
public final class Handlers implements OutcomeHandler {

    private final Map<String, Handler> byType;
    private final @Nullable Handler otherwise;

    private Handlers(Builder builder) {
        this.byType = new LinkedHashMap<>(builder.byType);
        this.otherwise = builder.otherwise;
    }

    /** Payloads are JSON, read with the settings of {@link JsonCodec#JsonCodec()}. */
    public static Builder json() {
        return with(new JsonCodec());
    }

    public static Builder with(Codec codec) {
        return new Builder(codec);
    }

    @Override
    public @Nullable String outcome(Handle tx, Message message) throws Exception {
        Handler handler = byType.getOrDefault(message.type(), otherwise);
        if (handler == null) {
            throw new RefusedException("There is no handler for the type '" + message.type() + "'; there is one for "
                    + String.join(", ", byType.keySet()) + ".");
        }
        return Outcome.of(handler, tx, message);
    }

    /** Collects the handlers. Not thread-safe. */
    public static final class Builder {

        private final Codec codec;
        private final Map<String, Handler> byType = new LinkedHashMap<>();
        private @Nullable Handler otherwise;

        private Builder(Codec codec) {
            this.codec = codec;
        }

        /** Messages of that type are read as that class. */
        public <T> Builder on(String type, Class<T> payload, TypedHandler<? super T> handler) {
            return on(type, (tx, message) -> handler.handle(tx, codec.decode(message, payload), message));
        }

        /** Messages of that type are handled as they are. */
        public Builder on(String type, Handler handler) {
            if (byType.putIfAbsent(type, handler) != null) {
                throw new BidaException("The type '" + type + "' has two handlers; one message is handled by one.");
            }
            return this;
        }

        /** What is done with every other type; without it they are rejected. */
        public Builder otherwise(Handler handler) {
            this.otherwise = handler;
            return this;
        }

        public Handlers build() {
            if (byType.isEmpty()) {
                throw new BidaException("There is no handler; name one with on(type, ...).");
            }
            return new Handlers(this);
        }
    }
}
