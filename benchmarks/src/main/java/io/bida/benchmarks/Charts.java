package io.bida.benchmarks;

import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.svg.SVGProcessor;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.geom.Rectangle2D;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.DecimalFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jfree.chart.ChartFactory;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.data.category.DefaultCategoryDataset;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Draws the points of earlier runs: a file for each kind of chart and server. */
@Command(name = "charts", description = "Draws charts of what --json wrote, as SVG.")
final class Charts implements Callable<Integer> {

    private static final int WIDTH = 640;
    private static final int HEIGHT = 320;
    private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 14);
    private static final Color[] COLOURS = {new Color(0x1b6ca8), new Color(0xd1495b), new Color(0x3a7d44)};

    @Option(names = "--from", split = ",", required = true, description = "files that --json wrote, one a server")
    private List<Path> from = List.of();

    @Option(names = "--to", required = true, description = "folder")
    private Path to = Path.of(".");

    @Override
    public Integer call() throws IOException {
        Files.createDirectories(to);
        for (Path file : from) {
            Results results = Results.read(file);
            for (Map.Entry<String, DefaultCategoryDataset> chart :
                    byChart(results.points()).entrySet()) {
                Files.writeString(
                        to.resolve(chart.getKey() + "-" + results.server() + ".svg"),
                        svg(chart(chart.getKey(), chart.getValue())));
            }
        }
        return 0;
    }

    private static Map<String, DefaultCategoryDataset> byChart(List<Table.Point> points) {
        Map<String, DefaultCategoryDataset> charts = new LinkedHashMap<>();
        for (Table.Point point : points) {
            charts.computeIfAbsent(point.chart(), name -> new DefaultCategoryDataset())
                    .addValue(point.y(), point.series(), point.x());
        }
        return charts;
    }

    private static JFreeChart chart(String name, DefaultCategoryDataset points) {
        boolean isLatency = name.startsWith("latency");
        // What is counted stands above: a text that is turned would be drawn as outlines.
        JFreeChart chart = isLatency
                ? ChartFactory.createLineChart("commit to sink, ms", "percentile", null, points)
                : ChartFactory.createLineChart("messages per second", "messages waiting", null, points);
        chart.getTitle().setFont(TITLE);
        var plot = chart.getCategoryPlot();
        if (isLatency) {
            plot.setRangeAxis(doubling());
        }
        for (int series = 0; series < points.getRowCount(); series++) {
            plot.getRenderer().setSeriesPaint(series, COLOURS[series % COLOURS.length]);
            plot.getRenderer().setSeriesStroke(series, new BasicStroke(2));
        }
        chart.setBackgroundPaint(Color.WHITE);
        plot.setBackgroundPaint(Color.WHITE);
        plot.setRangeGridlinePaint(Color.LIGHT_GRAY);
        plot.setOutlineVisible(false);
        return chart;
    }

    /** An axis on which each step is twice the one before. */
    private static LogAxis doubling() {
        LogAxis axis = new LogAxis(null);
        axis.setBase(2);
        axis.setTickUnit(new NumberTickUnit(1));
        axis.setNumberFormatOverride(new DecimalFormat("0.##"));
        return axis;
    }

    /** With coordinates to a tenth of a pixel, and letters of a width that every system has. */
    private static String svg(JFreeChart chart) throws IOException {
        VectorGraphics2D graphics = new VectorGraphics2D();
        chart.draw(graphics, new Rectangle2D.Double(0, 0, WIDTH, HEIGHT));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new SVGProcessor()
                .getDocument(graphics.getCommands(), new PageSize(0, 0, WIDTH, HEIGHT))
                .writeTo(bytes);
        return bytes.toString(StandardCharsets.UTF_8)
                .replaceAll("(\\.\\d)\\d+", "$1")
                .replaceFirst("<svg ", "<svg style=\"font-family:sans-serif;font-size:12px\" ");
    }
}
