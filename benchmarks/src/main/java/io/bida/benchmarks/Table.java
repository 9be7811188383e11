package io.bida.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** All figures of a run. Not thread-safe. */
final class Table {

    private final List<Row> rows = new ArrayList<>();
    private final List<Point> points = new ArrayList<>();

    /** A point of a chart: charts are drawn later, from the results of several runs. */
    record Point(String chart, String series, String x, double y) {}

    void add(Row row) {
        rows.add(row);
        System.err.println("  " + String.join("  ", row.cells()));
    }

    void add(Point point) {
        points.add(point);
    }

    List<Row> rows() {
        return List.copyOf(rows);
    }

    List<Point> points() {
        return List.copyOf(points);
    }

    String text() {
        List<List<String>> lines = lines();
        List<Integer> widths = new ArrayList<>();
        for (int column = 0; column < Row.HEADINGS.size(); column++) {
            widths.add(width(lines, column));
        }
        return lines.stream().map(cells -> padded(cells, widths)).collect(Collectors.joining("\n"));
    }

    String markdown() {
        List<String> lines = new ArrayList<>();
        lines.add(markdown(Row.HEADINGS));
        lines.add("|---|---|---:|---:|---:|---|---|");
        for (Row row : rows) {
            List<String> cells = new ArrayList<>(row.cells());
            cells.set(1, "`" + row.settings() + "`");
            lines.add(markdown(cells));
        }
        return String.join("\n", lines);
    }

    private static String markdown(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |";
    }

    private List<List<String>> lines() {
        List<List<String>> lines = new ArrayList<>();
        lines.add(Row.HEADINGS);
        rows.forEach(row -> lines.add(row.cells()));
        return lines;
    }

    private static int width(List<List<String>> lines, int column) {
        return lines.stream()
                .mapToInt(cells -> cells.get(column).length())
                .max()
                .orElse(1);
    }

    private static String padded(List<String> cells, List<Integer> widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < cells.size(); column++) {
            String space = " ".repeat(widths.get(column) - cells.get(column).length());
            boolean isNumber = column >= 2 && column <= 4;
            line.append(isNumber ? space + cells.get(column) : cells.get(column) + space)
                    .append("  ");
        }
        return line.toString().stripTrailing();
    }
}
