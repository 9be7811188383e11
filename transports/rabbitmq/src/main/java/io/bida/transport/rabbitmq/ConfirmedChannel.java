package io.bida.transport.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Return;
import com.rabbitmq.client.ShutdownSignalException;
import io.bida.transport.Receipt;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A channel in confirm mode and what the broker owes an answer for on it. One thread publishes, the connection's thread
 * hears the answers; a channel that has ended does not come back.
 */
final class ConfirmedChannel {

    /** Written and not answered at a time; beyond that the publishing thread waits. */
    static final int WINDOW = 8_192;

    private static final Pattern TOO_LARGE = Pattern.compile("message size (\\d+) .*?(\\d+)");

    private final String broker;
    private final Link link;
    private final Channel channel;
    private final ConcurrentNavigableMap<Long, Shipment> owed = new ConcurrentSkipListMap<>();
    private final Semaphore room = new Semaphore(WINDOW);
    private final CompletableFuture<List<Shipment>> ended = new CompletableFuture<>();
    private final List<Shipment> unwritten = new ArrayList<>();
    private volatile boolean over;
    private long sequence;
    private volatile long lastAnswer = System.nanoTime();

    private ConfirmedChannel(String broker, Link link, Channel channel) {
        this.broker = broker;
        this.link = link;
        this.channel = channel;
    }

    /** @param broker for the reasons */
    static ConfirmedChannel open(String broker, Link link) throws IOException {
        Channel channel = link.channel();
        channel.confirmSelect();
        ConfirmedChannel opened = new ConfirmedChannel(broker, link, channel);
        channel.addReturnListener(opened::returned);
        channel.addConfirmListener(
                (tag, multiple) -> opened.answered(tag, multiple, true),
                (tag, multiple) -> opened.answered(tag, multiple, false));
        channel.addShutdownListener(opened::ended);
        return opened;
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    /**
     * Writes it, perhaps no further than to the {@linkplain Link#cork() corked} link; blocks while too many are unanswered or
     * the socket takes no more.
     *
     * @throws IOException the connection is of no use any more; the shipment's receipt comes with the channel's end
     */
    void publish(Shipment shipment) throws IOException, InterruptedException {
        Letter letter = shipment.letter();
        awaitRoom(shipment);
        link.cork();
        long tag = ++sequence;
        shipment.writing(System.nanoTime());
        owed.put(tag, shipment);
        if (over && owed.remove(tag) != null) {
            unwritten.add(shipment);
            return;
        }
        try {
            channel.basicPublish(
                    letter.exchange(),
                    letter.routingKey(),
                    true,
                    letter.properties(),
                    letter.payload().toByteArray());
        } catch (AlreadyClosedException e) {
            if (owed.remove(tag) != null) {
                unwritten.add(shipment);
            }
        } catch (IllegalArgumentException e) {
            // Nothing was written: AMQP cannot say it, so the broker does not count it either.
            sequence--;
            owed.remove(tag);
            room.release();
            shipment.receipt().complete(new Receipt.Rejected("AMQP cannot carry it: " + e.getMessage()));
        }
    }

    private void awaitRoom(Shipment shipment) throws IOException, InterruptedException {
        if (room.tryAcquire()) {
            return;
        }
        try {
            link.uncork();
            room.acquire();
        } catch (IOException | InterruptedException e) {
            unwritten.add(shipment);
            throw e;
        }
    }

    /** Waits for the end of a channel that is not open; what nobody was told anything of, to be written again. */
    List<Shipment> left() {
        List<Shipment> left = new ArrayList<>(ended.join());
        left.addAll(unwritten);
        unwritten.clear();
        return left;
    }

    /**
     * What was written that long ago is not waited for any longer; its answer may still come and is of no use then.
     *
     * @return whether the broker answered nothing at all for that time, although it owes an answer
     */
    boolean expire(long nanos, long now) {
        boolean overdue = false;
        for (Shipment shipment : owed.values()) {
            if (now - shipment.writtenAt() <= nanos) {
                break;
            }
            overdue = true;
            shipment.receipt()
                    .complete(new Receipt.Unknown(broker + " did not answer for " + nanos / 1_000_000 + " ms."));
        }
        return overdue && now - lastAnswer > nanos;
    }

    /** The receipts that are owed become unknown. */
    void lose(String why) {
        lose(owed.values(), why);
    }

    private static void lose(Collection<Shipment> shipments, String why) {
        shipments.forEach(each -> each.receipt().complete(new Receipt.Unknown(why)));
    }

    /** Comes before the answer to the same shipment. */
    private void returned(Return back) {
        String id = back.getProperties().getMessageId();
        for (Shipment shipment : owed.values()) {
            if (shipment.returned() == null && shipment.letter().id().equals(id)) {
                shipment.returned("No queue is bound for it: " + broker + " gave it back, " + back.getReplyCode() + " "
                        + back.getReplyText() + ", exchange '" + back.getExchange() + "', routing key '"
                        + back.getRoutingKey() + "'.");
                return;
            }
        }
    }

    private void answered(long tag, boolean multiple, boolean taken) {
        lastAnswer = System.nanoTime();
        if (!multiple) {
            settle(tag, owed.remove(tag), taken);
            return;
        }
        for (Map.Entry<Long, Shipment> first = owed.firstEntry();
                first != null && first.getKey() <= tag;
                first = owed.firstEntry()) {
            settle(first.getKey(), owed.remove(first.getKey()), taken);
        }
    }

    private void settle(long tag, @Nullable Shipment shipment, boolean taken) {
        if (shipment == null) {
            return;
        }
        room.release();
        String returned = shipment.returned();
        if (returned != null) {
            shipment.receipt().complete(new Receipt.Failed(returned));
        } else if (taken) {
            shipment.receipt().complete(new Receipt.Accepted(broker + " confirmed " + tag));
        } else {
            shipment.receipt()
                    .complete(new Receipt.Failed(broker + " refused it: its queue is full or cannot store it."));
        }
    }

    private void ended(ShutdownSignalException cause) {
        over = true; // What comes from now on the publishing thread takes back itself.
        List<Shipment> unanswered = new ArrayList<>();
        for (Map.Entry<Long, Shipment> first = owed.pollFirstEntry(); first != null; first = owed.pollFirstEntry()) {
            unanswered.add(first.getValue());
        }
        List<Shipment> left = List.of();
        if (cause.getReason() instanceof AMQP.Channel.Close close) {
            left = refused(close, unanswered);
        } else {
            lose(unanswered, "The connection to " + broker + " ended before the answer came: " + Reasons.of(cause));
        }
        room.release(WINDOW);
        ended.complete(left);
    }

    /** The broker closes a channel because of one message and says nothing of those before and behind it. */
    private List<Shipment> refused(AMQP.Channel.Close close, List<Shipment> unanswered) {
        Matcher tooLarge = TOO_LARGE.matcher(close.getReplyText());
        long most = close.getReplyCode() == AMQP.PRECONDITION_FAILED && tooLarge.find()
                ? Long.parseLong(tooLarge.group(2))
                : Long.MAX_VALUE;
        String said = broker + " closed the channel: " + close.getReplyCode() + " " + close.getReplyText();
        List<Shipment> left = new ArrayList<>();
        for (Shipment shipment : unanswered) {
            if (shipment.letter().payload().size() > most) {
                shipment.receipt().complete(new Receipt.Rejected(said));
            } else if (most < Long.MAX_VALUE) {
                shipment.returned(null);
                left.add(shipment);
            } else {
                shipment.receipt().complete(new Receipt.Failed(said));
            }
        }
        return left;
    }
}
