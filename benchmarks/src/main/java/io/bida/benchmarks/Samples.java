package io.bida.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** The values of one figure, one of each round. Not thread-safe. */
final class Samples {

    private final List<Double> values = new ArrayList<>();

    static Samples of(double... values) {
        Samples samples = new Samples();
        for (double value : values) {
            samples.add(value);
        }
        return samples;
    }

    void add(double value) {
        values.add(value);
    }

    List<Double> values() {
        return List.copyOf(values);
    }

    double median() {
        List<Double> sorted = sorted();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    double min() {
        return sorted().get(0);
    }

    double max() {
        return sorted().get(values.size() - 1);
    }

    /** What was measured in each round divided by what the other side reached in the same round. */
    Samples dividedBy(Samples other) {
        if (values.size() != other.values.size()) {
            throw new IllegalArgumentException(values.size() + " rounds stand against " + other.values.size() + ".");
        }
        Samples ratios = new Samples();
        for (int round = 0; round < values.size(); round++) {
            ratios.add(values.get(round) / other.values.get(round));
        }
        return ratios;
    }

    private List<Double> sorted() {
        if (values.isEmpty()) {
            throw new IllegalStateException("Nothing was measured.");
        }
        return values.stream().sorted().toList();
    }
}
