package io.bida.inbox;

import io.bida.message.Message;
import java.util.HexFormat;

/**
 * What the ledger holds of a message that was handled.
 *
 * @param hash of its payload, in hexadecimal
 */
record Entry(String hash) {

    static Entry of(Message message) {
        return of(message.payload().hash());
    }

    static Entry of(byte[] hash) {
        return new Entry(HexFormat.of().formatHex(hash));
    }
}
