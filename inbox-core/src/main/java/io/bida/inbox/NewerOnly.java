package io.bida.inbox;

import io.bida.message.Message;
import io.bida.sql.Dialect;
import java.time.Duration;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Lets a handler see of each entity only what is newer than all that it saw. Thread-safe. */
final class NewerOnly implements OutcomeHandler {

    private final String group;
    private final Duration retention;
    private final Function<Message, EntityVersion> version;
    private final Handler handler;

    NewerOnly(String group, Duration retention, Function<Message, EntityVersion> version, Handler handler) {
        this.group = group;
        this.retention = retention;
        this.version = version;
        this.handler = handler;
    }

    @Override
    public @Nullable String outcome(Handle tx, Message message) throws Exception {
        EntityVersion now = version.apply(message);
        if (new VersionStore(Dialect.of(tx.getConnection()), group, retention).advance(tx, now)) {
            return Outcome.of(handler, tx, message);
        }
        return "skipped: version " + now.version() + " of '" + now.entity() + "' is not newer than what was handled";
    }
}
