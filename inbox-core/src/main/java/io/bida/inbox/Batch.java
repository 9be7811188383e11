package io.bida.inbox;

import io.bida.message.BizId;
import io.bida.message.Message;
import io.bida.transport.Answer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jdbi.v3.core.Handle;

/**
 * Messages that are handled in one transaction, all of them or none.
 *
 * <ol>
 *   <li>One read tells which were handled before.
 *   <li>One INSERT registers the others, in the order of the ledger's key. Whoever registers one of them at that moment is
 *       waited for; when it commits, the batch has lost.
 *   <li>They are handled in the order in which they were given.
 * </ol>
 */
final class Batch {

    private final Judge judge;
    private final List<Message> messages;

    Batch(Judge judge, List<Message> messages) {
        this.judge = judge;
        this.messages = messages;
    }

    /** One finding for each message, in their order, which hold when the transaction is committed. */
    List<Finding> handle(Handle tx, InboxStore ledger, Handler handler) throws Exception {
        Map<BizId, Entry> entries = ledger.earlier(tx, messages);
        Map<BizId, Message> fresh = new LinkedHashMap<>();
        for (Message message : messages) {
            if (!entries.containsKey(message.bizId())) {
                fresh.putIfAbsent(message.bizId(), message);
            }
        }
        if (!fresh.isEmpty()) {
            handle(tx, ledger, handler, List.copyOf(fresh.values()), entries);
        }
        return findings(fresh, entries);
    }

    private static void handle(
            Handle tx, InboxStore ledger, Handler handler, List<Message> fresh, Map<BizId, Entry> entries)
            throws Exception {
        if (!ledger.register(tx, fresh)) {
            throw new Judge.LostTransaction("one of them was registered by another transaction meanwhile", null);
        }
        Map<BizId, String> outcomes = new LinkedHashMap<>();
        if (handler instanceof BatchHandler inBulk) {
            inBulk.handleAll(tx, fresh);
        } else {
            for (Message message : fresh) {
                String outcome = Outcome.of(handler, tx, message);
                if (outcome != null) {
                    outcomes.put(message.bizId(), outcome);
                }
            }
        }
        ledger.checkRegistered(tx, fresh.get(0));
        if (!outcomes.isEmpty()) {
            ledger.keep(tx, outcomes);
        }
        for (Message message : fresh) {
            entries.put(message.bizId(), Entry.of(message, outcomes.get(message.bizId())));
        }
    }

    /** The first of a biz-id was handled; what the batch has more of it stands against that one. */
    private List<Finding> findings(Map<BizId, Message> fresh, Map<BizId, Entry> entries) {
        List<Finding> findings = new ArrayList<>(messages.size());
        for (Message message : messages) {
            Entry entry = Objects.requireNonNull(entries.get(message.bizId()));
            boolean now = fresh.remove(message.bizId()) != null;
            findings.add(now ? new Finding(message, new Answer.Handled(entry.outcome())) : judge.again(message, entry));
        }
        return findings;
    }
}
