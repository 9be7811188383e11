package io.bida.examples.demo;

import io.bida.transport.Sender;

/** The way from the relay to the stock service. */
interface Road extends AutoCloseable {

    /** Begins at the relay; closed with the road. */
    Sender sender();

    /** Makes it fail for a while, again and again. */
    Weather weather();

    @Override
    void close() throws Exception;
}
