package io.bida.transport;

import io.bida.message.BidaException;
import io.bida.message.RefusedException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the receivers of all brokers are told alike: where messages go, how many at a time, how often they are tried. Not
 * thread-safe.
 *
 * @param <B> the builder of a transport, which adds what is its own
 */
public abstract class ReceiverBuilder<B extends ReceiverBuilder<B>> {

    private @Nullable Intake intake;
    private DeliveryReader others;
    private int window = 500;
    private int concurrency = 8;
    private Redelivery redelivery = Redelivery.DEFAULT;
    private @Nullable String deadLetters;

    /** @param noEvent why what is no event is a dead letter, unless {@link #others} reads it */
    protected ReceiverBuilder(String noEvent) {
        this.others = delivery -> {
            throw new RefusedException(noEvent);
        };
    }

    /** This. */
    protected abstract B self();

    /** Called from several threads; required. */
    public final B to(Intake intake) {
        this.intake = intake;
        return self();
    }

    /** Reads what is no event; without it that is a dead letter. */
    public final B others(DeliveryReader others) {
        this.others = others;
        return self();
    }

    /**
     * The most messages that are taken and not acknowledged at a time; 500 when not given.
     *
     * @throws BidaException when it is less than one
     */
    public final B window(int window) {
        this.window = atLeastOne("window", window);
        return self();
    }

    /**
     * How many messages the intake is given at a time; 8 when not given.
     *
     * @throws BidaException when it is less than one
     */
    public final B concurrency(int concurrency) {
        this.concurrency = atLeastOne("concurrency", concurrency);
        return self();
    }

    /** How often a message is tried before it is a dead letter, and when; {@link Redelivery#DEFAULT} when not given. */
    public final B redelivery(Redelivery redelivery) {
        this.redelivery = redelivery;
        return self();
    }

    /** Where dead letters go, by the name that the broker knows; the transport's page says where when it is not given. */
    public final B deadLetters(String channel) {
        this.deadLetters = channel;
        return self();
    }

    private static int atLeastOne(String name, int number) {
        if (number < 1) {
            throw new BidaException(name + " is " + number + ": a whole number from 1 is expected.");
        }
        return number;
    }

    protected final int window() {
        return window;
    }

    /** Null when it was not given. */
    protected final @Nullable String deadLetters() {
        return deadLetters;
    }

    /** @param usual when none was given */
    protected final String deadLettersOr(String usual) {
        return deadLetters == null ? usual : deadLetters;
    }

    /**
     * What gives deliveries to the intake.
     *
     * @param name of its threads
     * @param reader makes the reader of the transport's events out of the one for what is none
     * @throws BidaException when there is no intake
     */
    protected final Deliverer.Builder deliverer(String name, UnaryOperator<DeliveryReader> reader) {
        return Deliverer.to(given("to", intake), reader.apply(others))
                .name(name)
                .concurrency(concurrency)
                .redelivery(redelivery);
    }

    /** @throws BidaException when the part of that name was not given */
    protected static <T> T given(String name, @Nullable T value) {
        if (value == null) {
            throw new BidaException("A receiver needs " + name + "(...), which was not called.");
        }
        return value;
    }
}
