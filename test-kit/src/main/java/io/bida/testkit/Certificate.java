package io.bida.testkit;

import io.bida.message.BidaException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/**
 * A key and the certificate for 127.0.0.1 that it has signed itself, in the formats that servers and clients take.
 *
 * @param keyStore both, as PKCS #12 under {@link #PASSWORD}
 * @param trustStore the certificate alone, in the same format
 * @param key as PEM, not encrypted
 * @param certificate as PEM
 */
public record Certificate(Path keyStore, Path trustStore, Path key, Path certificate) {

    public static final String PASSWORD = "bida-secret";

    private static final String ALIAS = "bida";
    private static final int PEM_LINE = 64;

    /** Makes one with the JDK's {@code keytool}. */
    static Certificate in(Path folder) {
        Certificate made = new Certificate(
                folder.resolve("key.p12"),
                folder.resolve("trusted.p12"),
                folder.resolve("key.pem"),
                folder.resolve("certificate.pem"));
        List<String> keytool = List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                ALIAS,
                "-keyalg",
                "RSA",
                "-dname",
                "CN=bida",
                "-ext",
                "san=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                made.keyStore.toString(),
                "-storepass",
                PASSWORD);
        ServerProcess.run(keytool, folder, ProcessBuilder.Redirect.PIPE);
        try {
            made.unpack();
        } catch (GeneralSecurityException | IOException e) {
            throw new BidaException("The certificate in " + folder + " cannot be read: " + e.getMessage(), e);
        }
        return made;
    }

    private void unpack() throws GeneralSecurityException, IOException {
        char[] secret = PASSWORD.toCharArray();
        KeyStore both = KeyStore.getInstance(keyStore.toFile(), secret);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(ALIAS, both.getCertificate(ALIAS));
        try (OutputStream out = Files.newOutputStream(trustStore)) {
            trusted.store(out, secret);
        }
        Files.writeString(key, pem("PRIVATE KEY", both.getKey(ALIAS, secret).getEncoded()));
        Files.writeString(
                certificate, pem("CERTIFICATE", both.getCertificate(ALIAS).getEncoded()));
    }

    private static String pem(String what, byte[] bytes) {
        String text = Base64.getMimeEncoder(PEM_LINE, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(bytes);
        return "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n";
    }
}
