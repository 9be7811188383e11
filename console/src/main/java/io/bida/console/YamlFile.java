package io.bida.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.bida.message.BidaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Reads a YAML file into {@link Node}s that know their lines. For one thread. */
final class YamlFile {

    private static final YAMLFactory YAML = new YAMLFactory();

    private final Path file;
    private final Problems problems;

    YamlFile(Path file, Problems problems) {
        this.file = file;
        this.problems = problems;
    }

    Node.Mapping read() {
        try (YAMLParser yaml = YAML.createParser(Files.readString(file))) {
            return document(yaml);
        } catch (JsonProcessingException e) {
            throw broken(e);
        } catch (NoSuchFileException e) {
            throw new BidaException("There is no file " + file + ".", e);
        } catch (IOException e) {
            throw new BidaException(file + " cannot be read: " + YamlError.of(e) + ".", e);
        }
    }

    private Node.Mapping document(YAMLParser yaml) throws IOException {
        if (yaml.nextToken() == null) {
            throw new BidaException(file + " is empty.");
        }
        Node root = node(yaml);
        if (yaml.nextToken() != null) {
            throw new BidaException(file + ", line " + line(yaml) + ": a second document begins; only one is read.");
        }
        if (root instanceof Node.Mapping mapping) {
            return mapping;
        }
        throw new BidaException(
                root.isNothing()
                        ? file + " is empty."
                        : file + ", line " + root.line() + ": expected keys such as name: and database:.");
    }

    private Node node(YAMLParser yaml) throws IOException {
        if (yaml.isCurrentAlias()) {
            problems.add(line(yaml), "aliases (*" + yaml.getText() + ") are not read; write the value out.");
        }
        return switch (yaml.currentToken()) {
            case START_OBJECT -> mapping(yaml);
            case START_ARRAY -> listing(yaml);
            default -> scalar(yaml);
        };
    }

    private Node.Mapping mapping(YAMLParser yaml) throws IOException {
        int line = line(yaml);
        Map<String, Node> entries = new LinkedHashMap<>();
        while (yaml.nextToken() == JsonToken.FIELD_NAME) {
            String key = yaml.currentName();
            int keyLine = line(yaml);
            yaml.nextToken();
            if (entries.put(key, node(yaml)) != null) {
                problems.add(keyLine, "the key " + key + " is written twice.");
            }
        }
        return new Node.Mapping(line, entries);
    }

    private Node.Listing listing(YAMLParser yaml) throws IOException {
        int line = line(yaml);
        List<Node> items = new ArrayList<>();
        while (yaml.nextToken() != JsonToken.END_ARRAY) {
            items.add(node(yaml));
        }
        return new Node.Listing(line, items);
    }

    private static Node.Scalar scalar(YAMLParser yaml) throws IOException {
        String text = yaml.getText();
        return switch (yaml.currentToken()) {
            case VALUE_NULL -> new Node.Scalar(line(yaml), "", null);
            case VALUE_TRUE -> new Node.Scalar(line(yaml), text, true);
            case VALUE_FALSE -> new Node.Scalar(line(yaml), text, false);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Node.Scalar(line(yaml), text, number(text));
            default -> new Node.Scalar(line(yaml), text, text);
        };
    }

    /** A number only where nothing is lost by it: 007 and 1_000 stay text. */
    private static Object number(String text) {
        for (Object number : List.of(parsed(text, Integer::valueOf), parsed(text, Long::valueOf))) {
            if (number.toString().equals(text)) {
                return number;
            }
        }
        Object number = parsed(text, Double::valueOf);
        return number.toString().equals(text) ? number : text;
    }

    private static Object parsed(String text, Function<String, Object> parser) {
        try {
            return parser.apply(text);
        } catch (NumberFormatException e) {
            return "";
        }
    }

    private static int line(YAMLParser yaml) {
        return yaml.currentTokenLocation().getLineNr();
    }

    private BidaException broken(JsonProcessingException e) {
        return new BidaException(
                file + ", line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr() + ": this is no YAML: " + YamlError.of(e) + ".",
                e);
    }
}
