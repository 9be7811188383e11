package io.bida.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;

/** The reason in one line, without the parser's excerpt of the file, which may show a secret. */
final class YamlError {

    private YamlError() {}

    static String of(IOException e) {
        if (e instanceof JsonProcessingException yaml) {
            return yaml.getOriginalMessage()
                    .lines()
                    .filter(line -> !line.isBlank() && !Character.isWhitespace(line.charAt(0)))
                    .reduce("it cannot be read", (before, last) -> last);
        }
        if (e instanceof CharacterCodingException) {
            return "it is not UTF-8";
        }
        return e instanceof AccessDeniedException ? "permission denied" : "it is no readable file";
    }
}
