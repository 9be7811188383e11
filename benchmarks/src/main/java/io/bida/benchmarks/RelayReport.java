package io.bida.benchmarks;

import java.util.List;
import java.util.Map;

/**
 * What became of a {@link RelayOrder}.
 *
 * @param sent how many messages reached the sinks
 * @param firstAt when the first did, in microseconds
 * @param peakHeap of the relay's process, in MiB
 * @param arrivals for each sink and number the first arrival in microseconds, 0 for none
 */
record RelayReport(long sent, long firstAt, double peakHeap, Map<String, List<Long>> arrivals) {

    /** Of the only sink. */
    List<Long> ofOrders() {
        return arrivals.getOrDefault("orders", List.of());
    }
}
