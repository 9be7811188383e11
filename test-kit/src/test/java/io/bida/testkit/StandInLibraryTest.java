package io.bida.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class StandInLibraryTest {

    @Test
    void theSystemsLoaderTakesIt(@TempDir Path folder) throws IOException, InterruptedException {
        Path library = Files.write(folder.resolve("libaio.so.1"), StandInLibrary.LIBAIO.bytes());
        ProcessBuilder builder = new ProcessBuilder("/bin/true").redirectErrorStream(true);
        builder.environment().put("LD_PRELOAD", library.toString());
        builder.environment().put("LD_BIND_NOW", "1");
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        assertThat(said).as("what the loader complains of").isEmpty();
    }

    @Test
    void aProgramThatLacksTheLibraryGetsItBesideItself(@TempDir Path folder) throws IOException {
        Path program = Files.writeString(folder.resolve("mysqld"), """
                #!/bin/sh
                for name in libaio.so.1 libnuma.so.1; do
                  test -f "$(dirname "$0")/$name" || { echo "$name: cannot open shared object file"; exit 127; }
                done
                """);
        assertThat(program.toFile().setExecutable(true)).isTrue();
        StandInLibrary.addMissing(program);
        assertThat(folder.resolve("libaio.so.1")).hasBinaryContent(StandInLibrary.LIBAIO.bytes());
        assertThat(folder.resolve("libnuma.so.1")).hasBinaryContent(StandInLibrary.LIBNUMA.bytes());
    }
}
