/**
 * CloudEvents 1.0 over HTTP in binary mode, signed as Standard Webhooks does when a secret is set. The way out: {@link
 * io.bida.transport.http.HttpSender}. The way in: {@link io.bida.transport.http.HttpReceiver}.
 */
@NullMarked
package io.bida.transport.http;

import org.jspecify.annotations.NullMarked;
