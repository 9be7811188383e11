package io.bida.broker.activemq;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.activemq.broker.BrokerPlugin;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.broker.region.policy.PolicyEntry;
import org.apache.activemq.broker.region.policy.PolicyMap;
import org.apache.activemq.security.AuthenticationUser;
import org.apache.activemq.security.AuthorizationPlugin;
import org.apache.activemq.security.SimpleAuthenticationPlugin;
import org.apache.activemq.store.kahadb.KahaDBPersistenceAdapter;

/**
 * An ActiveMQ Classic broker on the loopback address. The user sends and receives; only the operator, who has the same
 * password, may create, and has {@code closed.>} for himself.
 */
public final class ActiveMqClassic {

    private static final int JOURNAL_FILE_BYTES = 4 << 20;
    private static final int MAX_FRAME_BYTES = 8 << 20;

    private ActiveMqClassic() {}

    /** Port, folder for the data, user, operator, password of both. */
    public static void main(String[] args) throws Exception {
        BrokerService broker = new BrokerService();
        broker.setBrokerName("bida");
        broker.setUseJmx(false);
        broker.setSchedulerSupport(false);
        broker.setDataDirectory(args[1]);
        broker.setPersistenceAdapter(store(Path.of(args[1])));
        broker.setDestinationPolicy(policies());
        broker.setPlugins(new BrokerPlugin[] {
            authentication(args[2], args[3], args[4]), new AuthorizationPlugin(new Permissions())
        });
        broker.addConnector("tcp://127.0.0.1:" + args[0] + "?wireFormat.maxFrameSize=" + MAX_FRAME_BYTES);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(broker), "stop"));
        broker.setUseShutdownHook(false);
        broker.start();
        broker.waitUntilStopped();
    }

    private static KahaDBPersistenceAdapter store(Path data) throws IOException {
        KahaDBPersistenceAdapter store = new KahaDBPersistenceAdapter();
        store.setDirectory(data.resolve("kahadb").toFile());
        store.setJournalMaxFileLength(JOURNAL_FILE_BYTES);
        store.setJournalDiskSyncStrategy("always");
        return store;
    }

    /** The default map of message groups forgets after 1,024 which receiver has a key. */
    private static PolicyMap policies() {
        PolicyEntry queues = new PolicyEntry();
        queues.setQueue(">");
        queues.setMessageGroupMapFactoryType("bucket");
        PolicyMap policies = new PolicyMap();
        policies.setPolicyEntries(List.of(queues));
        return policies;
    }

    private static SimpleAuthenticationPlugin authentication(String user, String operator, String password) {
        return new SimpleAuthenticationPlugin(List.of(
                new AuthenticationUser(user, password, Permissions.USERS),
                new AuthenticationUser(operator, password, Permissions.OPERATORS)));
    }

    private static void stop(BrokerService broker) {
        try {
            broker.stop();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new IllegalStateException("The broker did not stop tidily.", e);
        }
    }
}
