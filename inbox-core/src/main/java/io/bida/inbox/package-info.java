/**
 * The way in. {@link io.bida.inbox.Inbox} registers a message in the ledger and runs its {@link io.bida.inbox.Handler}
 * in one transaction, so that the handler's effects are committed exactly once for each consumer group and biz-id,
 * however often the message is delivered.
 */
@NullMarked
package io.bida.inbox;

import org.jspecify.annotations.NullMarked;
