package io.bida.inbox;

import io.bida.message.Message;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What the ledger holds of a message that was handled.
 *
 * @param hash of its payload, in hexadecimal
 * @param outcome what its handler said; null: nothing
 */
record Entry(String hash, @Nullable String outcome) {

    static Entry of(Message message, @Nullable String outcome) {
        return of(message.payload().hash(), outcome);
    }

    static Entry of(byte[] hash, @Nullable String outcome) {
        return new Entry(HexFormat.of().formatHex(hash), outcome);
    }
}
