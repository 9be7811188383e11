package io.bida.transport.rocketmq;

import io.bida.message.BidaException;
import java.util.regex.Pattern;
import org.apache.rocketmq.acl.common.AclClientRPCHook;
import org.apache.rocketmq.acl.common.SessionCredentials;
import org.apache.rocketmq.remoting.RPCHook;
import org.jspecify.annotations.Nullable;

/**
 * Where the name servers are, and as whom to speak to them.
 *
 * @param nameServers {@code host:port}, several parted by semicolons
 * @param user the access key; null: requests are not signed
 * @param password the secret key
 */
record Access(
        String nameServers, @Nullable String user, @Nullable String password) {

    private static final Pattern ADDRESSES = Pattern.compile("[^;:\\s]+:\\d{1,5}(;[^;:\\s]+:\\d{1,5})*");

    Access {
        // Alibaba Cloud gives its endpoint as http://..., which the client takes as well.
        if (!nameServers.startsWith("http://")
                && !ADDRESSES.matcher(nameServers).matches()) {
            throw new BidaException("url is '" + nameServers
                    + "'; the name servers are expected as host:port, several parted by semicolons.");
        }
        if ((user == null) != (password == null)) {
            throw new BidaException("user and password (access key and secret key) are given both, or neither.");
        }
    }

    @Nullable RPCHook hook() {
        return user == null ? null : new AclClientRPCHook(new SessionCredentials(user, password));
    }

    @Override
    public String toString() {
        return nameServers;
    }
}
