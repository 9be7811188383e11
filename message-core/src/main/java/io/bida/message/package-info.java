/**
 * What travels from sender to receiver: {@link io.bida.message.Message}, with its two identities. {@link
 * io.bida.message.MessageId} is made by Bida and de-duplicates re-sends; {@link io.bida.message.BizId} is given by the
 * business and makes consumption idempotent.
 */
@NullMarked
package io.bida.message;

import org.jspecify.annotations.NullMarked;
