package io.bida.benchmarks;

import java.util.Locale;

/** What the median of a figure is to reach. */
record Target(Of of, boolean atLeast, double limit) {

    /** Whether the limit is one of Bida's figure divided by the raw one, of it less the raw one, or of it alone. */
    enum Of {
        RATIO,
        DIFFERENCE,
        VALUE,
        NOTHING
    }

    static final Target NONE = new Target(Of.NOTHING, true, 0);

    static Target ratioAtLeast(double limit) {
        return new Target(Of.RATIO, true, limit);
    }

    static Target ratioAtMost(double limit) {
        return new Target(Of.RATIO, false, limit);
    }

    static Target moreAtMost(double limit) {
        return new Target(Of.DIFFERENCE, false, limit);
    }

    static Target atMost(double limit) {
        return new Target(Of.VALUE, false, limit);
    }

    /** Judged as it is shown, to two places. */
    boolean isMetBy(double value) {
        double shown = Math.round(value * 100) / 100.0;
        return atLeast ? shown >= limit : shown <= limit;
    }

    @Override
    public String toString() {
        String sign = atLeast ? "≥ " : "≤ ";
        return switch (of) {
            case RATIO -> sign + String.format(Locale.ROOT, "%.2f", limit);
            case DIFFERENCE -> sign + "raw + " + Row.number(limit);
            case VALUE -> sign + Row.number(limit);
            case NOTHING -> "-";
        };
    }
}
