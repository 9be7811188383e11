package io.bida.relay;

import io.bida.transport.Sender;

/** A sender with the name that routes use. */
record Destination(String name, Sender sender, Limits limits) {}
