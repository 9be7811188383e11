package io.bida.examples.demo;

import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;

/**
 * What the two databases say when all is quiet.
 *
 * @param sent messages that the relay saw acknowledged
 * @param resent attempts beyond the first
 * @param duplicates arrivals that the inbox answered with "duplicate"
 * @param lost committed orders without effect
 * @param phantoms effects without a committed order
 * @param stuck messages that are still in the outbox's tables
 */
record DemoReport(
        long tried,
        long committed,
        long sent,
        long resent,
        long duplicates,
        long lost,
        long effects,
        long phantoms,
        long stuck) {

    List<String> broken() {
        List<String> broken = new ArrayList<>();
        require(broken, lost == 0, lost + " committed orders had no effect");
        require(broken, effects == committed, effects + " effects came of " + committed + " orders");
        require(broken, phantoms == 0, phantoms + " effects belong to no committed order");
        require(broken, sent == committed, sent + " messages were acknowledged for " + committed + " orders");
        require(broken, stuck == 0, stuck + " messages are still in the outbox");
        return broken;
    }

    boolean holds() {
        return broken().isEmpty();
    }

    /** One line each, {@code word: number}; then the verdict. */
    String text() {
        String verdict = holds()
                ? "Every committed order took effect once, and no other did."
                : "BROKEN: " + String.join("; ", broken()) + ".";
        return String.join(
                System.lineSeparator(),
                "",
                "committed: " + committed,
                "rolled back: " + (tried - committed),
                "sent: " + sent,
                "re-sent: " + resent,
                "duplicates absorbed: " + duplicates,
                "lost: " + lost,
                "effects: " + effects,
                "orders: " + committed,
                "",
                verdict);
    }

    private static void require(List<String> broken, boolean holds, String sentence) {
        if (!holds) {
            broken.add(sentence);
        }
    }

    /** Reads facts back from the databases. */
    static final class Facts {

        private final Jdbi orders;
        private final Jdbi stock;

        Facts(DataSource orders, DataSource stock) {
            this.orders = Jdbi.create(orders);
            this.stock = Jdbi.create(stock);
        }

        DemoReport report(long tried) {
            return new DemoReport(
                    tried,
                    count(orders, "SELECT COUNT(*) FROM orders"),
                    count(orders, "SELECT COUNT(*) FROM bida_outbox_history"),
                    count(orders, "SELECT COALESCE(SUM(attempts - 1), 0) FROM bida_outbox_history"),
                    count(stock, "SELECT COUNT(*) FROM arrival WHERE answer = 'Duplicate'"),
                    count(orders, """
                            SELECT COUNT(*) FROM orders o
                            WHERE NOT EXISTS (SELECT 1 FROM stock.reservation r WHERE r.biz_id = CONCAT('order-', o.id))"""),
                    effects(),
                    count(orders, """
                            SELECT COUNT(*) FROM stock.reservation r
                            WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = CAST(SUBSTR(r.biz_id, 7) AS UNSIGNED))"""),
                    waiting());
        }

        long effects() {
            return count(stock, "SELECT COUNT(*) FROM reservation");
        }

        long waiting() {
            return count(
                    orders, "SELECT (SELECT COUNT(*) FROM bida_outbox) + (SELECT COUNT(*) FROM bida_outbox_parked)");
        }

        private static long count(Jdbi database, String sql) {
            return database.withHandle(
                    handle -> handle.createQuery(sql).mapTo(Long.class).one());
        }
    }
}
