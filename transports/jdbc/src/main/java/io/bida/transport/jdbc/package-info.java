/**
 * Straight into the receiver's database, without a broker: {@link io.bida.transport.jdbc.JdbcSender} inserts messages
 * into {@code bida_inbox_queue}, and {@link io.bida.transport.jdbc.JdbcReceiver} takes them from there.
 */
@NullMarked
package io.bida.transport.jdbc;

import org.jspecify.annotations.NullMarked;
