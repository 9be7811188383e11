package io.bida.testkit;

class PostgreSqlServerTest extends DatabaseServerContract<PostgreSqlServer> {

    PostgreSqlServerTest() {
        super(PostgreSqlServer.start());
    }

    @Override
    String setTimeZone() {
        return "SET TIME ZONE 'Asia/Tokyo'";
    }
}
