package io.bida.sql;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.bida.message.RefusedException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The form of headers in a table: one flat JSON object of strings, or null for none. */
public final class HeadersJson {

    private static final JsonFactory JSON = new JsonFactory();

    private HeadersJson() {}

    public static @Nullable String write(Map<String, String> headers) {
        if (headers.isEmpty()) {
            return null;
        }
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            for (Map.Entry<String, String> header : headers.entrySet()) {
                json.writeStringField(header.getKey(), header.getValue());
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /** @throws RefusedException when the text is anything but one flat JSON object of strings */
    public static Map<String, String> parse(@Nullable String text) {
        if (text == null) {
            return Map.of();
        }
        try (JsonParser json = JSON.createParser(text)) {
            Map<String, String> headers = object(json);
            if (json.nextToken() != null) {
                throw new RefusedException("The headers go on after the end of their JSON object.");
            }
            return headers;
        } catch (IOException e) {
            throw new RefusedException("The headers are no JSON object of strings: they cannot be read as JSON.");
        }
    }

    private static Map<String, String> object(JsonParser json) throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw new RefusedException("The headers are no JSON object of strings: they do not begin with {.");
        }
        Map<String, String> headers = new LinkedHashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            if (json.nextToken() != JsonToken.VALUE_STRING) {
                throw new RefusedException(
                        "The headers are no JSON object of strings: the value of '" + name + "' is no string.");
            }
            if (headers.put(name, json.getText()) != null) {
                throw new RefusedException("The headers are no JSON object of strings: '" + name + "' is given twice.");
            }
        }
        return headers;
    }
}
