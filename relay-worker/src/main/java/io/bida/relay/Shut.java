package io.bida.relay;

import java.time.Duration;

/** That a destination takes nothing more at present: why, and when to come again. */
record Shut(String reason, Duration delay) {}
