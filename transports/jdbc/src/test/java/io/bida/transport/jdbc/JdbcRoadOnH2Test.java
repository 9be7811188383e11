package io.bida.transport.jdbc;

import javax.sql.DataSource;

class JdbcRoadOnH2Test extends JdbcRoadContract {

    @Override
    DataSource freshDatabase() {
        return H2.fresh();
    }
}
