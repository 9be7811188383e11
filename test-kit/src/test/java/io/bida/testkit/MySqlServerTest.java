package io.bida.testkit;

class MySqlServerTest extends DatabaseServerContract<MySqlServer> {

    MySqlServerTest() {
        super(MySqlServer.start());
    }

    @Override
    String setTimeZone() {
        return "SET time_zone = '+09:00'";
    }
}
