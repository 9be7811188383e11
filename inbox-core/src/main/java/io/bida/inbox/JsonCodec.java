package io.bida.inbox;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.bida.message.Message;
import io.bida.message.RefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.stream.Collectors;

/** JSON by Jackson. Immutable and thread-safe. */
public final class JsonCodec implements Codec {

    private final ObjectMapper mapper;

    /** Fields that the class does not know are passed over, so that a sender may add some. */
    public JsonCodec() {
        this(JsonMapper.builder()
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build());
    }

    /** With a mapper of the application's own: its modules, its settings. */
    public JsonCodec(ObjectMapper mapper) {
        this.mapper = mapper;
    }

    @Override
    public <T> T decode(Message message, Class<T> type) {
        try {
            T value = mapper.readValue(message.payload().toByteArray(), type);
            if (value == null) {
                throw refused(message, type, "it is null");
            }
            return value;
        } catch (JsonMappingException e) {
            throw refused(message, type, field(e) + " does not fit" + place(e));
        } catch (JacksonException e) {
            throw refused(message, type, "it is no JSON" + place(e));
        } catch (IOException e) {
            throw new UncheckedIOException("Reading from memory failed.", e);
        }
    }

    /** Jackson's own sentence would show the payload. */
    private static RefusedException refused(Message message, Class<?> type, String why) {
        return new RefusedException(
                "The payload of " + message.bizId() + " cannot be read as " + type.getName() + ": " + why + ".");
    }

    private static String field(JsonMappingException e) {
        String path = e.getPath().stream()
                .map(each -> each.getFieldName() == null ? "[" + each.getIndex() + "]" : each.getFieldName())
                .collect(Collectors.joining("."))
                .replace(".[", "[");
        return path.isEmpty() ? "it" : "'" + path + "'";
    }

    private static String place(JacksonException e) {
        JsonLocation at = e.getLocation();
        return at == null || at.getLineNr() < 1
                ? ""
                : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
    }
}
