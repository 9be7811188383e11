package io.bida.transport.mqtt;

import com.hivemq.client.internal.mqtt.MqttClientConfig;
import com.hivemq.client.internal.mqtt.MqttClientConnectionConfig;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.lifecycle.MqttClientConnectedContext;
import com.hivemq.client.mqtt.lifecycle.MqttClientDisconnectedContext;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.lifecycle.Mqtt5ClientConnectedContext;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5RetainHandling;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A durable session with one subscription, held from its creation until it is closed, over as many connections as that
 * takes. Thread-safe.
 */
final class Session implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Session.class);

    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final MqttAddress address;
    private final String clientId;
    private final String filter;
    private final Mqtt5AsyncClient client;
    private volatile boolean begun;
    private volatile boolean subscribed;
    private volatile boolean troubled;
    private volatile boolean over;
    private volatile boolean ended;
    private Consumer<Mqtt5Publish> publishes = publish -> {};

    Session(MqttAddress address, String clientId, String filter) {
        this.address = address;
        this.clientId = clientId;
        this.filter = filter;
        this.client = address.client()
                .identifier(clientId)
                .addConnectedListener(this::connected)
                .addDisconnectedListener(this::disconnected)
                .buildAsync();
    }

    boolean isConnected() {
        return client.getState().isConnected();
    }

    /** Whether another client has the session now, for good. */
    boolean isOver() {
        return over;
    }

    /**
     * Begins to connect, for ever. The broker is not told how many messages may be on their way: after the first
     * acknowledgement Mosquitto up to 2.0.11 sends all that it has, whatever it was told, and the client would take that
     * for an error; {@link #pause} bounds it.
     *
     * @param publishes given each message, in the order of arrival; it is the one to acknowledge it
     */
    @SuppressWarnings("FutureReturnValueIgnored") // the listeners are told of all that happens
    void open(Consumer<Mqtt5Publish> publishes) {
        this.publishes = publishes;
        listen();
        client.connectWith()
                .cleanStart(false)
                .noSessionExpiry()
                .keepAlive(address.keepAlive())
                .send();
    }

    /** The client ends this when a session ends, and acknowledges from then on what nobody listens to. */
    private void listen() {
        client.publishes(MqttGlobalPublishFilter.ALL, publishes, true);
    }

    /**
     * Reads nothing more for a while, or until it is to {@link #resume}, so that the network holds the broker back. After
     * the while a little is read: it shows that the broker is still there. Beyond the 65,535 messages that MQTT can number
     * the client would end the connection, and begin each new one with all of them.
     */
    @SuppressWarnings("FutureReturnValueIgnored") // nothing depends on it
    void pause() {
        Channel channel = channel();
        if (channel != null && channel.config().isAutoRead()) {
            channel.config().setAutoRead(false);
            channel.eventLoop().schedule(this::resume, AGAIN.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    void resume() {
        Channel channel = channel();
        if (channel != null) {
            channel.config().setAutoRead(true);
        }
    }

    /** The client itself offers no way to its connection; null when there is none. */
    private @Nullable Channel channel() {
        MqttClientConnectionConfig connection = ((MqttClientConfig) client.getConfig()).getRawConnectionConfig();
        return connection == null ? null : connection.getChannel();
    }

    /** Leaves the session at the broker. */
    @Override
    public void close() {
        ended = true;
        client.disconnect()
                .orTimeout(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)
                .exceptionally(notConnected -> null)
                .join();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // it ends as well as it can
    private void connected(MqttClientConnectedContext context) {
        boolean present = context instanceof Mqtt5ClientConnectedContext v5
                && v5.getConnAck().isSessionPresent();
        if (ended) {
            client.disconnect();
            return;
        }
        if (subscribed && present) {
            recovered();
            return;
        }
        if (subscribed) {
            log.error(
                    "{}: the broker has forgotten the session {}; what it had not delivered is lost, and a new one"
                            + " begins",
                    address,
                    clientId);
        }
        if (begun && !present) {
            listen();
        }
        begun = true;
        subscribed = false;
        subscribe();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // what fails is tried again
    private void subscribe() {
        if (ended) {
            return;
        }
        client.subscribeWith()
                .topicFilter(filter)
                .qos(MqttQos.AT_LEAST_ONCE)
                .retainHandling(Mqtt5RetainHandling.SEND_IF_SUBSCRIPTION_DOES_NOT_EXIST)
                .send()
                .whenComplete((acknowledged, failure) -> {
                    if (failure == null) {
                        subscribed = true;
                        recovered();
                    } else {
                        tell("the subscription to " + filter + " failed", failure);
                        later().thenRun(() -> {
                            if (isConnected() && !subscribed) {
                                subscribe();
                            }
                        });
                    }
                });
    }

    private void disconnected(MqttClientDisconnectedContext context) {
        if (ended) {
            return;
        }
        if (isTakenOver(context.getCause())) {
            over = true;
            log.error(
                    "{}: another receiver with the client id {} took the session over; this one receives nothing more",
                    address,
                    clientId);
            return;
        }
        tell("nothing is received", context.getCause());
        context.getReconnector()
                .resubscribeIfSessionExpired(false)
                .reconnectWhen(
                        later(), (now, failure) -> context.getReconnector().reconnect(!ended));
    }

    private static boolean isTakenOver(Throwable cause) {
        return cause instanceof Mqtt5DisconnectException told
                && told.getMqttMessage().getReasonCode() == Mqtt5DisconnectReasonCode.SESSION_TAKEN_OVER;
    }

    private static CompletableFuture<Void> later() {
        return new CompletableFuture<Void>().completeOnTimeout(null, AGAIN.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void tell(String what, Throwable cause) {
        if (troubled) {
            log.debug("{}: still {} by {}", address, what, clientId, cause);
        } else {
            log.warn(
                    "{}: {} by {}, which tries again every {} s: {}",
                    address,
                    what,
                    clientId,
                    AGAIN.toSeconds(),
                    cause.getMessage());
        }
        troubled = true;
    }

    private void recovered() {
        if (troubled) {
            log.info("{}: messages are received by {} again", address, clientId);
        }
        troubled = false;
    }
}
