package io.bida.transport.http;

import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.async.MinimalHttpAsyncClient;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.http2.config.H2Config;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * The client: the minimal one, which follows no redirect, retries nothing, and knows no cookies, compression or
 * authentication. HTTP/2 where TLS negotiates it, its connections shared; else pooled HTTP/1.1 connections.
 */
final class HttpConnections {

    /** Shorter than the 5 s after which common servers close an idle connection. */
    private static final Timeout IDLE = Timeout.ofSeconds(4);

    private static final TimeValue CHECKED_AFTER = TimeValue.ofMilliseconds(500);
    private static final TimeValue LIFE = TimeValue.ofMinutes(10);
    private static final TimeValue GOODBYE = TimeValue.ofMilliseconds(500);
    private static final int MAX_HEADER_LINE = 64 * 1024;
    private static final int MAX_HEADERS = 200;

    private HttpConnections() {}

    /**
     * @param timeout of connecting, and of a connection on which nothing moves
     */
    static MinimalHttpAsyncClient open(Duration timeout, int connections, @Nullable SSLContext tls) {
        Timeout limit = Timeout.of(timeout);
        ClientTlsStrategyBuilder trust = ClientTlsStrategyBuilder.create();
        if (tls != null) {
            trust.setSslContext(tls);
        }
        MinimalHttpAsyncClient client = HttpAsyncClients.createMinimal(
                H2Config.custom()
                        .setPushEnabled(false)
                        .setMaxHeaderListSize(MAX_HEADER_LINE)
                        .build(),
                Http1Config.custom()
                        .setMaxLineLength(MAX_HEADER_LINE)
                        .setMaxHeaderCount(MAX_HEADERS)
                        .build(),
                IOReactorConfig.custom()
                        .setIoThreadCount(Math.min(2, Runtime.getRuntime().availableProcessors()))
                        .setSoTimeout(limit)
                        .setTcpNoDelay(true)
                        .build(),
                PoolingAsyncClientConnectionManagerBuilder.create()
                        .setMaxConnTotal(connections)
                        .setMaxConnPerRoute(connections)
                        .setMessageMultiplexing(true)
                        .setTlsStrategy(trust.buildAsync())
                        .setDefaultTlsConfig(TlsConfig.custom()
                                .setHandshakeTimeout(limit)
                                .setVersionPolicy(HttpVersionPolicy.NEGOTIATE)
                                .build())
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(limit)
                                .setSocketTimeout(limit)
                                .setIdleTimeout(IDLE)
                                .setValidateAfterInactivity(CHECKED_AFTER)
                                .setTimeToLive(LIFE)
                                .build())
                        .build());
        client.start();
        return client;
    }

    /** Lets idle connections say goodbye, then cuts what is left. */
    static void close(MinimalHttpAsyncClient client) {
        client.initiateShutdown();
        try {
            client.awaitShutdown(GOODBYE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        client.close(CloseMode.IMMEDIATE);
    }
}
