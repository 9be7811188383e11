package io.bida.broker.activemq;

import java.util.Set;
import org.apache.activemq.command.ActiveMQDestination;
import org.apache.activemq.jaas.GroupPrincipal;
import org.apache.activemq.security.AuthorizationMap;

/** Users use what is there, operators also create it and have {@code closed.} for themselves. */
final class Permissions implements AuthorizationMap {

    static final String USERS = "users";
    static final String OPERATORS = "operators";

    private static final Set<?> OPERATORS_ONLY = Set.of(new GroupPrincipal(OPERATORS));
    private static final Set<?> EVERYBODY = Set.of(new GroupPrincipal(USERS), new GroupPrincipal(OPERATORS));

    /** Each client makes the topics of advisories that it listens to. */
    private static final String ADVISORIES = "ActiveMQ.Advisory.";

    @Override
    public Set<?> getAdminACLs(ActiveMQDestination destination) {
        return destination.getPhysicalName().startsWith(ADVISORIES) ? EVERYBODY : OPERATORS_ONLY;
    }

    @Override
    public Set<?> getReadACLs(ActiveMQDestination destination) {
        return use(destination);
    }

    @Override
    public Set<?> getWriteACLs(ActiveMQDestination destination) {
        return use(destination);
    }

    @Override
    public Set<?> getTempDestinationAdminACLs() {
        return EVERYBODY;
    }

    @Override
    public Set<?> getTempDestinationReadACLs() {
        return EVERYBODY;
    }

    @Override
    public Set<?> getTempDestinationWriteACLs() {
        return EVERYBODY;
    }

    private static Set<?> use(ActiveMQDestination destination) {
        return destination.getPhysicalName().startsWith("closed.") ? OPERATORS_ONLY : EVERYBODY;
    }
}
