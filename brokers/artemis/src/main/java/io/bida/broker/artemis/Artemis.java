package io.bida.broker.artemis;

import java.nio.file.Path;
import java.util.Set;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.config.impl.SecurityConfiguration;
import org.apache.activemq.artemis.core.security.Role;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.spi.core.security.ActiveMQJAASSecurityManager;
import org.apache.activemq.artemis.spi.core.security.jaas.InVMLoginModule;

/**
 * An Artemis broker on the loopback address. Nothing is created by itself. The user sends and receives; the operator, who
 * has the same password, creates as well and has {@code closed.#} for himself. What is under {@code full.fail.#} and {@code
 * full.block.#} is soon full.
 */
public final class Artemis {

    private static final int JOURNAL_FILE_BYTES = 4 << 20;
    private static final int FULL_BYTES = 50_000;
    private static final String USERS = "users";
    private static final String OPERATORS = "operators";

    private Artemis() {}

    /** Port, folder for the data, user, operator, password of both; perhaps parameters of the acceptor, such as for TLS. */
    public static void main(String[] args) throws Exception {
        EmbeddedActiveMQ broker = new EmbeddedActiveMQ();
        broker.setConfiguration(configuration(args[0] + (args.length > 5 ? args[5] : ""), Path.of(args[1])));
        broker.setSecurityManager(security(args[2], args[3], args[4]));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(broker), "stop"));
        broker.start();
    }

    private static Configuration configuration(String portAndParameters, Path data) throws Exception {
        Configuration configuration = new ConfigurationImpl()
                .setBindingsDirectory(data.resolve("bindings").toString())
                .setJournalDirectory(data.resolve("journal").toString())
                .setLargeMessagesDirectory(data.resolve("large").toString())
                .setPagingDirectory(data.resolve("paging").toString())
                .setJournalType(JournalType.NIO)
                .setJournalSyncTransactional(true)
                .setJournalSyncNonTransactional(true)
                .setJournalFileSize(JOURNAL_FILE_BYTES)
                // A disk that is nearly full for other reasons would block every producer.
                .setMaxDiskUsage(-1)
                .addAcceptorConfiguration("tcp", "tcp://127.0.0.1:" + portAndParameters)
                .addAddressSetting("#", settings())
                .addAddressSetting(
                        "auto.#", settings().setAutoCreateQueues(true).setAutoCreateAddresses(true))
                .addAddressSetting("full.fail.#", full(AddressFullMessagePolicy.FAIL))
                .addAddressSetting("full.block.#", full(AddressFullMessagePolicy.BLOCK));
        configuration.putSecurityRoles("#", Set.of(user(), operator()));
        configuration.putSecurityRoles("closed.#", Set.of(operator()));
        return configuration;
    }

    /** Without a limit, Artemis removes what was given to receivers that died ten times. */
    private static AddressSettings settings() {
        return new AddressSettings()
                .setAutoCreateQueues(false)
                .setAutoCreateAddresses(false)
                .setAutoDeleteQueues(false)
                .setAutoDeleteAddresses(false)
                .setMaxDeliveryAttempts(-1);
    }

    private static AddressSettings full(AddressFullMessagePolicy policy) {
        return settings().setMaxSizeBytes(FULL_BYTES).setAddressFullMessagePolicy(policy);
    }

    /** Sends, receives, creates and deletes durable queues, which a topic's subscriptions are, and browses. */
    private static Role user() {
        return new Role(USERS, true, true, true, true, false, false, false, true, false, false, false, false);
    }

    private static Role operator() {
        return new Role(OPERATORS, true, true, true, true, true, true, true, true, true, true, true, true);
    }

    private static ActiveMQJAASSecurityManager security(String user, String operator, String password) {
        SecurityConfiguration users = new SecurityConfiguration();
        users.addUser(user, password);
        users.addRole(user, USERS);
        users.addUser(operator, password);
        users.addRole(operator, OPERATORS);
        return new ActiveMQJAASSecurityManager(InVMLoginModule.class.getName(), users);
    }

    private static void stop(EmbeddedActiveMQ broker) {
        try {
            broker.stop();
        } catch (Exception e) {
            throw new IllegalStateException("The broker did not stop tidily.", e);
        }
    }
}
