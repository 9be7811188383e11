package io.bida.relay;

import java.sql.Connection;
import java.sql.SQLException;
import org.quartz.JobPersistenceException;
import org.quartz.impl.jdbcjobstore.JobStoreTX;
import org.quartz.utils.ConnectionProvider;
import org.quartz.utils.DBConnectionManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Quartz's job store on a connection of the relay. */
@SuppressWarnings("unchecked") // JobStoreTX overrides a generic method by a raw one.
final class KeptJobStore extends JobStoreTX {

    /** At its end a store closes the data source that it has the name of: one for all, for there is no way to remove it. */
    private static final String NAME = "bida";

    private static final Logger QUARTZ = LoggerFactory.getLogger(JobStoreTX.class);

    static {
        DBConnectionManager.getInstance().addConnectionProvider(NAME, new NoPool());
    }

    private final KeptConnection connection;

    KeptJobStore(KeptConnection connection) {
        this.connection = connection;
        setDataSource(NAME);
    }

    /** Not under this class's name: what Quartz says is Quartz's. */
    @Override
    protected Logger getLog() {
        return QUARTZ;
    }

    @Override
    protected Connection getConnection() throws JobPersistenceException {
        try {
            return connection.lend();
        } catch (SQLException | RuntimeException e) {
            throw new JobPersistenceException(String.valueOf(e.getMessage()), e);
        }
    }

    private static final class NoPool implements ConnectionProvider {

        @Override
        public Connection getConnection() throws SQLException {
            throw new SQLException("There is no pool.");
        }

        @Override
        public void initialize() {}

        @Override
        public void shutdown() {}
    }
}
