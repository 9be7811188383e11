/**
 * Over MQTT 5 with quality of service 1: {@link io.bida.transport.mqtt.MqttSender} publishes, {@link
 * io.bida.transport.mqtt.MqttReceiver} subscribes with a durable session.
 */
@NullMarked
package io.bida.transport.mqtt;

import org.jspecify.annotations.NullMarked;
