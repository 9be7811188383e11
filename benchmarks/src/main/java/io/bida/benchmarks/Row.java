package io.bida.benchmarks;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One figure.
 *
 * @param settings the command that measures it
 * @param raw what the server can do, or the other side of the comparison; null where there is none
 */
record Row(
        String what,
        String settings,
        @Nullable Samples raw,
        @Nullable Samples bida,
        Target target) {

    static final List<String> HEADINGS =
            List.of("what", "settings", "raw", "Bida", "Bida ÷ raw, median (min to max)", "target", "met?");

    /** A measurement that came to no end. */
    static Row failed(String settings, String reason) {
        return new Row("failed: " + reason.lines().findFirst().orElse(""), settings, null, null, Target.NONE);
    }

    List<String> cells() {
        return List.of(what, settings, median(raw), median(bida), spread(), target.toString(), met());
    }

    @Nullable Samples ratios() {
        return raw == null || bida == null || raw.min() <= 0 ? null : bida.dividedBy(raw);
    }

    String met() {
        if (bida == null) {
            return "no";
        }
        Samples ratios = ratios();
        return switch (target.of()) {
            case RATIO -> ratios == null ? "no" : word(target.isMetBy(ratios.median()));
            case DIFFERENCE -> raw == null ? "no" : word(target.isMetBy(bida.median() - raw.median()));
            case VALUE -> word(target.isMetBy(bida.median()));
            case NOTHING -> "-";
        };
    }

    private static String word(boolean met) {
        return met ? "yes" : "no";
    }

    private static String median(@Nullable Samples samples) {
        return samples == null ? "-" : number(samples.median());
    }

    /** Of the ratio; where there is none, of Bida's own figure. */
    private String spread() {
        Samples ratios = ratios();
        if (ratios != null) {
            return String.format(Locale.ROOT, "%.2f (%.2f to %.2f)", ratios.median(), ratios.min(), ratios.max());
        }
        return bida == null ? "-" : "(" + number(bida.min()) + " to " + number(bida.max()) + ")";
    }

    /** To three or more significant digits. */
    static String number(double value) {
        double size = Math.abs(value);
        String format = size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : size >= 0.1 || size == 0 ? "%.2f" : "%.4f";
        return String.format(Locale.ROOT, format, value);
    }
}
