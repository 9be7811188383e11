package io.bida.console;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Takes out of other people's sentences what they should not have said. */
final class Secrets {

    private static final Pattern PARAMETER = Pattern.compile(
            "((?:password|passwd|pwd|secret|token)[\\w.-]*\\s*[=:]\\s*)[^\\s&;,'\")]+", Pattern.CASE_INSENSITIVE);
    private static final Pattern USER_INFO = Pattern.compile("(://[^\\s:/@]*:)[^\\s/@]+@");

    private Secrets() {}

    /** The first line, without secrets. */
    static String hide(@Nullable String sentence, @Nullable String secret) {
        String line = sentence == null
                ? ""
                : sentence.lines()
                        .map(String::strip)
                        .filter(l -> !l.isEmpty())
                        .findFirst()
                        .orElse("");
        if (secret != null && !secret.isEmpty()) {
            line = line.replace(secret, "***");
        }
        return USER_INFO.matcher(PARAMETER.matcher(line).replaceAll("$1***")).replaceAll("$1***@");
    }
}
