package io.bida.transport.http;

import io.bida.message.BidaException;
import java.net.URI;
import java.util.Locale;
import java.util.Set;
import org.apache.hc.core5.http.HttpHost;

/**
 * A URL as a request needs it.
 *
 * @param shown host and port, for reasons and logs: a path or a query may hold a token
 * @param path with the query
 */
record HttpTarget(HttpHost host, String path, String shown) {

    private static final Set<String> OWN_HEADERS = Set.of(
            "content-type",
            "content-length",
            "transfer-encoding",
            "connection",
            "host",
            "traceparent",
            "tracestate",
            WebhookSignature.ID,
            WebhookSignature.TIMESTAMP,
            WebhookSignature.SIGNATURE);

    static HttpTarget of(URI url) {
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        if (!Set.of("http", "https").contains(scheme) || url.getHost() == null) {
            throw new BidaException(
                    "The url is no http or https URL with a host, such as http://127.0.0.1:9000/events.");
        }
        if (url.getUserInfo() != null) {
            throw new BidaException(
                    "The url of " + url.getHost() + " has a user and password; give an authorization header instead.");
        }
        int port = url.getPort() >= 0 ? url.getPort() : scheme.equals("https") ? 443 : 80;
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        return new HttpTarget(
                new HttpHost(scheme, url.getHost(), url.getPort()),
                url.getRawQuery() == null ? path : path + "?" + url.getRawQuery(),
                url.getHost() + ":" + port);
    }

    static void checkFixedHeader(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (OWN_HEADERS.contains(lower)
                || lower.startsWith("ce-")
                || lower.startsWith(CloudEventHeaders.HEADER_PREFIX)) {
            throw new BidaException("The header '" + name + "' is made from each message and cannot be fixed.");
        }
    }
}
