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
 * A shared library for x86-64 Linux with a handful of functions, written byte by byte.
 *
 * <p>MySQL 8.0.15 needs two small libraries that a bare Linux has not. Of libaio it calls three functions, each a bare
 * system call; of libnuma it asks whether there is such memory, and is told no. Where the system lacks one, it is
 * written beside the server, which looks there first; so the server runs with nothing installed.
 */
record StandInLibrary(String name, List<String> versions, List<Symbol> symbols) {

    static final StandInLibrary LIBAIO = new StandInLibrary(
            "libaio.so.1",
            List.of("LIBAIO_0.1", "LIBAIO_0.4"),
            List.of(
                    systemCall("io_submit", "LIBAIO_0.1", 209),
                    systemCall("io_getevents", "LIBAIO_0.4", 208),
                    systemCall("io_setup", "LIBAIO_0.4", 206)));

    static final StandInLibrary LIBNUMA = new StandInLibrary(
            "libnuma.so.1",
            List.of("libnuma_1.1", "libnuma_1.2"),
            List.of(
                    new Symbol("numa_available", "libnuma_1.1", "b8ffffffff c3"), // mov eax, -1; ret
                    new Symbol("numa_alloc_local", "libnuma_1.1", "31c0 c3"), // xor eax, eax; ret
                    new Symbol("numa_alloc_onnode", "libnuma_1.1", "31c0 c3"),
                    new Symbol("numa_free", "libnuma_1.1", "c3"),
                    new Symbol("numa_node_of_cpu", "libnuma_1.2", "b8ffffffff c3"),
                    new Symbol("numa_all_nodes_ptr", "libnuma_1.2", "")));

    /** A function and its code; without code, a pointer that holds null. */
    record Symbol(String name, String version, String code) {

        boolean isPointer() {
            return code.isEmpty();
        }
    }

    private static final int HEADER = 64;
    private static final int SEGMENT = 56;
    private static final int SEGMENTS = 4;
    private static final int SYMBOL = 24;
    private static final int CODE = 16;
    private static final int VERSION = 28;
    private static final int PAGE = 0x1000;
    private static final int DYNAMIC_SIZE = 9 * 16;
    private static final int POINTER = PAGE + DYNAMIC_SIZE;

    /** Writes those libraries beside the program without which it does not run. */
    static void addMissing(Path program) throws IOException {
        List<StandInLibrary> known = List.of(LIBAIO, LIBNUMA);
        // The loader names one missing library at a time.
        for (int i = 0; i < known.size(); i++) {
            String said = run(program);
            for (StandInLibrary library : known) {
                if (said.contains(library.name() + ": cannot open")) {
                    Files.write(program.resolveSibling(library.name()), library.bytes());
                }
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

    /** Two pages: one to read and run; one to write, as the loader wants to for the dynamic part, and the pointer. */
    byte[] bytes() {
        int count = symbols.size() + 1; // with the empty one that every table begins with
        int symbolsAt = HEADER + SEGMENTS * SEGMENT;
        int codeAt = symbolsAt + count * SYMBOL;
        int hashAt = codeAt + count * CODE;
        int indexAt = hashAt + (3 + count) * 4;
        int versionsAt = (indexAt + count * 2 + 7) & ~7;
        int namesAt = versionsAt + versions.size() * VERSION;

        byte[] bytes = new byte[2 * PAGE];
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        StringBuilder names = new StringBuilder("\0");
        putHeader(file);
        putSymbols(file, symbolsAt, codeAt, names);
        putHash(file.position(hashAt), count);
        putVersions(file, indexAt, versionsAt, names);
        file.position(namesAt).put(names.toString().getBytes(StandardCharsets.US_ASCII));
        int end = file.position();

        file.position(HEADER);
        putSegment(file, 1, 5, 0, end); // loaded, to read and run
        putSegment(file, 1, 6, PAGE, DYNAMIC_SIZE + 8); // loaded, to read and write
        putSegment(file, 2, 6, PAGE, DYNAMIC_SIZE); // the dynamic part
        putSegment(file, 0x6474e551, 6, 0, 0); // a stack that cannot be run

        file.position(PAGE);
        file.putLong(4).putLong(hashAt);
        file.putLong(5).putLong(namesAt);
        file.putLong(6).putLong(symbolsAt);
        file.putLong(10).putLong(names.length());
        file.putLong(11).putLong(SYMBOL);
        file.putLong(0x6ffffff0).putLong(indexAt);
        file.putLong(0x6ffffffc).putLong(versionsAt);
        file.putLong(0x6ffffffd).putLong(versions.size());
        return bytes;
    }

    private static void putHeader(ByteBuffer file) {
        file.put(HexFormat.of().parseHex("7f454c46020101000000000000000000")); // ELF, 64 bits, little-endian
        file.putShort((short) 3).putShort((short) 62).putInt(1); // a shared object, for x86-64
        file.putLong(0).putLong(HEADER).putLong(0).putInt(0);
        file.putShort((short) HEADER).putShort((short) SEGMENT).putShort((short) SEGMENTS);
        file.putShort((short) HEADER).putInt(0);
    }

    private void putSymbols(ByteBuffer file, int symbolsAt, int codeAt, StringBuilder names) {
        for (int i = 0; i < symbols.size(); i++) {
            Symbol symbol = symbols.get(i);
            int code = codeAt + i * CODE;
            file.position(symbolsAt + (i + 1) * SYMBOL);
            file.putInt(add(names, symbol.name()));
            file.put((byte) (symbol.isPointer() ? 0x11 : 0x12)); // global; an object or a function
            file.put((byte) 0).putShort((short) 1); // defined here
            file.putLong(symbol.isPointer() ? POINTER : code).putLong(symbol.isPointer() ? 8 : CODE);
            file.position(code).put(HexFormat.of().parseHex(symbol.code().replace(" ", "")));
        }
    }

    /** One bucket, in which each symbol leads to the next. */
    private static void putHash(ByteBuffer file, int count) {
        file.putInt(1).putInt(count).putInt(1).putInt(0);
        for (int i = 1; i < count; i++) {
            file.putInt((i + 1) % count);
        }
    }

    /** The version of each symbol, by number, and the versions' names: the first two numbers have a fixed meaning. */
    private void putVersions(ByteBuffer file, int indexAt, int versionsAt, StringBuilder names) {
        file.position(indexAt + 2);
        for (Symbol symbol : symbols) {
            file.putShort((short) (2 + versions.indexOf(symbol.version())));
        }
        file.position(versionsAt);
        for (int i = 0; i < versions.size(); i++) {
            boolean last = i + 1 == versions.size();
            file.putShort((short) 1)
                    .putShort((short) 0)
                    .putShort((short) (2 + i))
                    .putShort((short) 1);
            file.putInt(hash(versions.get(i))).putInt(VERSION - 8).putInt(last ? 0 : VERSION);
            file.putInt(add(names, versions.get(i))).putInt(0);
        }
    }

    private static void putSegment(ByteBuffer file, int type, int rights, int at, int size) {
        file.putInt(type).putInt(rights).putLong(at).putLong(at).putLong(at);
        file.putLong(size).putLong(size).putLong(type == 1 ? PAGE : 8);
    }

    private static int add(StringBuilder names, String name) {
        int at = names.length();
        names.append(name).append('\0');
        return at;
    }

    /** The hash of a name as ELF has it. */
    private static int hash(String name) {
        int hash = 0;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash << 4) + name.charAt(i);
            int high = hash & 0xf0000000;
            hash = (hash ^ (high >>> 24)) & ~high;
        }
        return hash;
    }

    /** mov r10, rcx (the fourth argument); mov eax, number; syscall; ret. A failure is -errno, as libaio has it. */
    private static Symbol systemCall(String name, String version, int number) {
        return new Symbol(name, version, "4989ca b8" + HexFormat.of().toHexDigits((byte) number) + "000000 0f05 c3");
    }
}
