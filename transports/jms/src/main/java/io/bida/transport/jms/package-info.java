/**
 * CloudEvents over Jakarta Messaging (JMS) by the client of whichever provider is there: {@link
 * io.bida.transport.jms.JmsSender} and {@link io.bida.transport.jms.JmsReceiver}.
 */
@NullMarked
package io.bida.transport.jms;

import org.jspecify.annotations.NullMarked;
