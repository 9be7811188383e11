package io.bida.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadmeTest {

    @ParameterizedTest
    @ValueSource(strings = {"publish", "relay", "receive"})
    void theReadmeShowsTheExampleAsItIsCompiled(String part) throws IOException {
        String readme = Files.readString(Path.of("../README.md"));
        String source = Files.readString(Path.of("src/main/java/io/bida/examples/OrdersAndStock.java"));

        String shown = first(readme, "<!-- " + part + " -->\n```java\n(.*?)```");
        String compiled = first(source, "// README:" + part + "\n(.*?)\n *// README:end");

        assertThat(shown).isEqualTo(compiled.stripIndent() + "\n");
    }

    private static String first(String text, String regex) {
        return Pattern.compile(regex, Pattern.DOTALL)
                .matcher(text)
                .results()
                .map((MatchResult result) -> result.group(1))
                .findFirst()
                .orElseThrow();
    }
}
