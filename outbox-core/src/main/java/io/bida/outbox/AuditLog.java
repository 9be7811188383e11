package io.bida.outbox;

import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** One change's entry in the audit, which grows with each of its transactions. Not thread-safe. */
final class AuditLog {

    private final String action;
    private final String target;
    private final Operator operator;
    private @Nullable Long entry;

    AuditLog(String action, DurableQueue queue, MessageFilter filter, Operator operator) {
        this.action = action;
        this.target = queue.group() == null ? filter.toString() : "group " + queue.group() + ": " + filter;
        this.operator = operator;
    }

    /** Answers the entry; it counts when the transaction is committed. */
    @Nullable Long add(Handle handle, int rows) {
        if (rows == 0) {
            return entry;
        }
        if (entry != null) {
            handle.execute("UPDATE bida_audit SET affected = affected + ? WHERE id = ?", rows, entry);
            return entry;
        }
        return handle.createUpdate("INSERT INTO bida_audit (actor, action, target, affected, reason)"
                        + " VALUES (:actor, :action, :target, :affected, :reason)")
                .bind("actor", operator.name())
                .bind("action", action)
                .bind("target", StoredText.head(target, StoredText.MAX_ERROR))
                .bind("affected", rows)
                .bind("reason", operator.reason())
                .executeAndReturnGeneratedKeys("id")
                .mapTo(Long.class)
                .one();
    }

    /** From here on, this entry grows. */
    void goOn(@Nullable Long committed) {
        entry = committed;
    }
}
