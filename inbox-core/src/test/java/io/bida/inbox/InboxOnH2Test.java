package io.bida.inbox;

import io.bida.compatibility.InboxContract;
import javax.sql.DataSource;

class InboxOnH2Test extends InboxContract {

    @Override
    protected DataSource freshDatabase() {
        return H2.fresh();
    }

    /** H2 releases a savepoint that is gone without a word. */
    @Override
    protected boolean tellsOfSwallowedDeadlock() {
        return false;
    }
}
