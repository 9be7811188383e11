package io.bida.transport.rocketmq;

import org.slf4j.Logger;

/** Tells of something that does not work: the first time loudly, then quietly, and when it works again. Thread-safe. */
final class Outage {

    private final Logger log;
    private boolean on;

    Outage(Logger log) {
        this.log = log;
    }

    synchronized void goesOn(String what) {
        if (on) {
            log.debug("RocketMQ: {}", what);
        } else {
            log.error("RocketMQ: {}", what);
        }
        on = true;
    }

    synchronized void ended(String what) {
        if (on) {
            log.info("RocketMQ: {}", what);
        }
        on = false;
    }
}
