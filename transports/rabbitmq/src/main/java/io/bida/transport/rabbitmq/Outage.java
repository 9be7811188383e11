package io.bida.transport.rabbitmq;

import org.slf4j.Logger;

/** Tells the log of the beginning and of the end of an outage, and not of each failure in between. Thread-safe. */
final class Outage {

    private final Logger log;
    private final String name;
    private boolean lasts;

    Outage(Logger log, String name) {
        this.log = log;
        this.name = name;
    }

    /** @param consequence a sentence */
    synchronized void failed(String reason, String consequence) {
        if (lasts) {
            log.debug("{}: {}", name, reason);
        } else {
            log.warn("{}: {}. {}", name, reason, consequence);
        }
        lasts = true;
    }

    synchronized void over() {
        if (lasts) {
            log.info("{}: connected again", name);
        }
        lasts = false;
    }
}
