package io.bida.inbox;

import io.bida.message.Message;
import io.bida.sql.Dialect;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;

/**
 * The ledger of one consumer group, {@code bida_inbox}. Immutable and thread-safe.
 *
 * <p>A row is registered with a plain INSERT whose duplicate-key error is read exactly. On PostgreSQL a failed
 * statement would end the transaction, so there the INSERT says ON CONFLICT DO NOTHING and its count tells: it waits
 * for a concurrent duplicate as the plain one does, and raises every other fault, unlike INSERT IGNORE.
 */
final class InboxStore {

    private final Dialect dialect;
    private final String group;
    private final String register;
    private final String earlier;

    InboxStore(Dialect dialect, String group, Duration retention) {
        this.dialect = dialect;
        this.group = group;
        this.register = """
                INSERT INTO bida_inbox
                    (consumer_group, scene, biz_id, message_id, payload_hash, handled_at, expires_at)
                VALUES (:group, :scene, :biz_id, :message_id, :payload_hash, %s, %s)
                %s""".formatted(
                        dialect.now(),
                        dialect.nowPlus(String.valueOf(
                                TimeUnit.SECONDS.toMicros(retention.toSeconds()) + retention.toNanosPart() / 1_000)),
                        dialect.refusesAfterError() ? "ON CONFLICT DO NOTHING" : "");
        this.earlier = """
                SELECT payload_hash
                FROM bida_inbox
                WHERE consumer_group = :group AND scene = :scene AND biz_id = :biz_id
                %s""".formatted(dialect.currentRead());
    }

    Dialect dialect() {
        return dialect;
    }

    /**
     * Writes the message into the ledger, after waiting for whoever is writing the same one.
     *
     * @return whether it is new; false when its biz-id is there already
     */
    boolean register(Handle tx, Message message, byte[] payloadHash) {
        try (var insert = tx.createUpdate(register)) {
            return identified(insert, message)
                            .bind("message_id", as(dialect.bind(message.id())))
                            .bind("payload_hash", as(payloadHash))
                            .execute()
                    == 1;
        } catch (UnableToExecuteStatementException e) {
            if (e.getCause() instanceof SQLException cause && dialect.isDuplicateKey(cause)) {
                return false;
            }
            throw e;
        }
    }

    /** The payload hash of the message registered under that biz-id; empty when it was purged meanwhile. */
    Optional<byte[]> earlierHash(Handle tx, Message message) {
        try (var select = tx.createQuery(earlier)) {
            return identified(select, message)
                    .map((row, context) -> row.getBytes(1))
                    .findOne();
        }
    }

    private <S extends SqlStatement<S>> S identified(S statement, Message message) {
        return statement
                .bind("group", as(dialect.identity(group)))
                .bind("scene", as(dialect.identity(message.scene())))
                .bind("biz_id", as(dialect.identity(message.bizId().value())));
    }

    /** The value as the driver takes it, past Jdbi's own conversions. */
    private static Argument as(Object value) {
        return (position, statement, context) -> statement.setObject(position, value);
    }
}
