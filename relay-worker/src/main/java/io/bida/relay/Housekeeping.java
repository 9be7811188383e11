package io.bida.relay;

import io.bida.message.BidaException;
import java.text.ParseException;
import org.quartz.CronExpression;

/**
 * When what is kept for a time only is removed, as Quartz cron expressions, in UTC; each may be {@link #OFF}. Of all
 * relays of a database one runs each job; where they differ in this, the one that started last is followed.
 *
 * @param history of delivered messages, {@code bida_outbox_history}
 * @param attempts that failed, {@code bida_attempt}
 * @param ledger rows of the inbox whose time has passed, {@code bida_inbox}, {@code bida_inbox_conflict} and {@code
 *     bida_inbox_version}
 * @param sweep of what relays and operators left behind: nodes that are gone, cancelled messages
 */
public record Housekeeping(String history, String attempts, String ledger, String sweep) {

    public static final String OFF = "off";

    public static final Housekeeping DEFAULT =
            new Housekeeping("0 */10 * * * ?", "30 7 * * * ?", "30 22 * * * ?", "30 37 * * * ?");

    /** Nothing is ever removed. */
    public static final Housekeeping NONE = new Housekeeping(OFF, OFF, OFF, OFF);

    /** As many characters as the job store has room for. */
    private static final int LONGEST = 120;

    public Housekeeping {
        requireCron("history", history);
        requireCron("attempts", attempts);
        requireCron("ledger", ledger);
        requireCron("sweep", sweep);
    }

    private static void requireCron(String job, String cron) {
        if (cron.equals(OFF)) {
            return;
        }
        if (cron.length() > LONGEST) {
            throw new BidaException(job + " has " + cron.length() + " characters: at most " + LONGEST + " are stored.");
        }
        try {
            CronExpression.validateExpression(cron);
        } catch (ParseException e) {
            throw new BidaException(
                    job + " is '" + cron
                            + "': off or a Quartz cron expression, such as \"0 */10 * * * ?\", is expected ("
                            + e.getMessage() + ").",
                    e);
        }
    }
}
