package io.bida.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;

/**
 * The two small libraries that MySQL 8.0.15 needs and a bare Linux has not: libaio and libnuma. Of the first it calls
 * three functions, each a bare system call; of the second it asks whether there is such memory, and is told no. Where
 * the system lacks one, a shared library with just these functions is written beside the server, which looks there
 * first; so the server runs with nothing installed.
 */
final class StandInLibrary {

    private static final List<String> NAMES = List.of("libaio.so.1", "libnuma.so.1");

    /** A function and its x86-64 code; none for a pointer that holds null. */
    private record Symbol(String name, String code) {}

    private static final List<Symbol> SYMBOLS = List.of(
            systemCall("io_setup", 206),
            systemCall("io_getevents", 208),
            systemCall("io_submit", 209),
            new Symbol("numa_available", "b8ffffffff" + "c3"), // mov eax, -1; ret
            new Symbol("numa_node_of_cpu", "b8ffffffff" + "c3"),
            new Symbol("numa_alloc_local", "31c0" + "c3"), // xor eax, eax; ret
            new Symbol("numa_alloc_onnode", "31c0" + "c3"),
            new Symbol("numa_free", "c3"),
            new Symbol("numa_all_nodes_ptr", ""));

    private static final int HEADER = 64;
    private static final int PROGRAM_HEADER = 56;
    private static final int SYMBOL = 24;
    private static final int PAGE = 0x1000;
    private static final int DYNAMIC = PAGE;
    private static final int DYNAMIC_ENTRIES = 6;
    private static final int POINTER = DYNAMIC + DYNAMIC_ENTRIES * 16;
    private static final int CODE_SLOT = 16;

    private StandInLibrary() {}

    /** Writes those beside the program without which it does not run. */
    static void addMissing(Path program) throws IOException {
        for (int i = 0; i <= NAMES.size(); i++) {
            String said = run(program);
            List<String> missing = NAMES.stream()
                    .filter(name -> said.contains(name + ": cannot open"))
                    .toList();
            if (missing.isEmpty()) {
                return;
            }
            for (String name : missing) {
                Files.write(program.resolveSibling(name), bytes());
            }
        }
    }

    private static String run(Path program) throws IOException {
        Process process = new ProcessBuilder(program.toString(), "--no-defaults", "--version")
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** A shared object of two pages: one to read and run, one to write, which the loader wants for the dynamic part. */
    static byte[] bytes() {
        StringBuilder names = new StringBuilder("\0");
        ByteBuffer symbols = buffer((SYMBOLS.size() + 1) * SYMBOL);
        ByteBuffer code = buffer(SYMBOLS.size() * CODE_SLOT);
        int symbolsAt = HEADER + 4 * PROGRAM_HEADER;
        int codeAt = symbolsAt + symbols.capacity();
        symbols.position(SYMBOL);
        for (Symbol symbol : SYMBOLS) {
            boolean pointer = symbol.code().isEmpty();
            symbols.putInt(names.length())
                    .put((byte) (pointer ? 0x11 : 0x12)) // global; an object or a function
                    .put((byte) 0)
                    .putShort((short) 1) // in some section, that is, defined here
                    .putLong(pointer ? POINTER : codeAt + code.position())
                    .putLong(pointer ? 8 : CODE_SLOT);
            byte[] machine = HexFormat.of().parseHex(symbol.code());
            code.put(machine).position(code.position() + CODE_SLOT - machine.length);
            names.append(symbol.name()).append('\0');
        }
        int hashAt = codeAt + code.capacity();
        ByteBuffer hash = hash();
        int namesAt = hashAt + hash.capacity();

        byte[] bytes = new byte[2 * PAGE];
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        file.put(HexFormat.of().parseHex("7f454c46" + "020101" + "000000000000000000")) // ELF, 64 bits, little-endian
                .putShort((short) 3) // a shared object
                .putShort((short) 62) // for x86-64
                .putInt(1)
                .putLong(0)
                .putLong(HEADER)
                .putLong(0)
                .putInt(0)
                .putShort((short) HEADER)
                .putShort((short) PROGRAM_HEADER)
                .putShort((short) 4)
                .putShort((short) HEADER)
                .putInt(0);
        int end = POINTER + 8 - DYNAMIC;
        segment(file, 1, 5, 0, namesAt + names.length()); // load, read and run
        segment(file, 1, 6, DYNAMIC, end); // load, read and write
        segment(file, 2, 6, DYNAMIC, DYNAMIC_ENTRIES * 16); // the dynamic part
        segment(file, 0x6474e551, 6, 0, 0); // a stack that cannot be run
        file.put(symbols.clear()).put(code.clear()).put(hash.clear());
        file.put(names.toString().getBytes(StandardCharsets.US_ASCII));
        file.position(DYNAMIC);
        file.putLong(4).putLong(hashAt);
        file.putLong(5).putLong(namesAt);
        file.putLong(6).putLong(symbolsAt);
        file.putLong(10).putLong(names.length());
        file.putLong(11).putLong(SYMBOL);
        return bytes;
    }

    /** A hash table of one bucket, in which every symbol leads to the next. */
    private static ByteBuffer hash() {
        int count = SYMBOLS.size() + 1;
        ByteBuffer hash = buffer(4 * (3 + count));
        hash.putInt(1).putInt(count).putInt(1).putInt(0);
        for (int i = 1; i < count; i++) {
            hash.putInt((i + 1) % count);
        }
        return hash;
    }

    private static void segment(ByteBuffer file, int type, int rights, int at, int size) {
        file.putInt(type)
                .putInt(rights)
                .putLong(at)
                .putLong(at)
                .putLong(at)
                .putLong(size)
                .putLong(size)
                .putLong(type == 1 ? PAGE : 8);
    }

    /** mov r10, rcx (the fourth argument); mov eax, number; syscall; ret. A failure is -errno, as libaio has it. */
    private static Symbol systemCall(String name, int number) {
        return new Symbol(name, "4989ca" + "b8" + HexFormat.of().toHexDigits((byte) number) + "000000" + "0f05" + "c3");
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
