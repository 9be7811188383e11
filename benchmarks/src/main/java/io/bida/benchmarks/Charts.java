package io.bida.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.style.Styler.ChartTheme;
import org.knowm.xchart.style.Styler.LegendPosition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Draws the points of earlier runs, one file a chart. */
@Command(name = "charts", description = "Draws charts of what --json wrote, as SVG.")
final class Charts implements Callable<Integer> {

    private static final int WIDTH = 640;
    private static final int HEIGHT = 360;

    @Option(names = "--from", split = ",", required = true, description = "files that --json wrote, one a server")
    private List<Path> from = List.of();

    @Option(names = "--to", required = true, description = "folder")
    private Path to = Path.of(".");

    @Override
    public Integer call() throws IOException {
        Map<String, CategoryChart> charts = new LinkedHashMap<>();
        for (Path file : from) {
            Results results = Results.read(file);
            series(results.points()).forEach((name, points) -> {
                Table.Point any = points.get(0);
                CategoryChart chart = charts.computeIfAbsent(any.chart(), Charts::empty);
                chart.addSeries(
                        results.server() + ", " + name.series(),
                        points.stream().map(Table.Point::x).toList(),
                        points.stream().map(Table.Point::y).toList());
            });
        }
        Files.createDirectories(to);
        for (Map.Entry<String, CategoryChart> chart : charts.entrySet()) {
            Files.writeString(to.resolve(chart.getKey() + ".svg"), svg(chart.getValue()));
        }
        return 0;
    }

    private record Name(String chart, String series) {}

    private static Map<Name, List<Table.Point>> series(List<Table.Point> points) {
        Map<Name, List<Table.Point>> series = new LinkedHashMap<>();
        for (Table.Point point : points) {
            series.computeIfAbsent(new Name(point.chart(), point.series()), name -> new ArrayList<>())
                    .add(point);
        }
        return series;
    }

    private static CategoryChart empty(String name) {
        boolean isLatency = name.startsWith("latency");
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .theme(ChartTheme.Matlab)
                .xAxisTitle(isLatency ? "percentile" : "messages waiting")
                .yAxisTitle(isLatency ? "commit to sink, ms" : "messages per second")
                .build();
        chart.getStyler().setDefaultSeriesRenderStyle(CategorySeriesRenderStyle.Line);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
        chart.getStyler().setYAxisLogarithmic(isLatency);
        if (!isLatency) {
            chart.getStyler().setYAxisMin(0.0);
        }
        return chart;
    }

    /** With coordinates to a tenth of a pixel, which is a third of the size. */
    private static String svg(CategoryChart chart) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        VectorGraphicsEncoder.saveVectorGraphic(chart, bytes, VectorGraphicsFormat.SVG);
        return bytes.toString(StandardCharsets.UTF_8).replaceAll("(\\.\\d)\\d+", "$1");
    }
}
