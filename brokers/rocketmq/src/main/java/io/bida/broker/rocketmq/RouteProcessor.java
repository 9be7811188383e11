package io.bida.broker.rocketmq;

import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import org.apache.rocketmq.namesrv.processor.ClientRequestProcessor;
import org.apache.rocketmq.remoting.netty.NettyRequestProcessor;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;

/** The routes of a name server, with another address of the broker. Thread-safe. */
final class RouteProcessor implements NettyRequestProcessor {

    private final ClientRequestProcessor routes;
    private final String broker;
    private final String proxy;

    RouteProcessor(ClientRequestProcessor routes, String broker, String proxy) {
        this.routes = routes;
        this.broker = broker;
        this.proxy = proxy;
    }

    @Override
    public RemotingCommand processRequest(ChannelHandlerContext context, RemotingCommand request) throws Exception {
        RemotingCommand response = routes.processRequest(context, request);
        byte[] route = response.getBody();
        if (route != null) {
            String text = new String(route, StandardCharsets.UTF_8);
            response.setBody(text.replace(broker, proxy).getBytes(StandardCharsets.UTF_8));
        }
        return response;
    }

    @Override
    public boolean rejectRequest() {
        return false;
    }
}
