package rekey.lab;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import rekey.model.Trouble;

/// An authority of the lab's own and what it signed, made by the JDK's keytool in a folder.
final class Certificates {
    /// Of the stores in the folder, which hold nothing but the lab's own.
    static final String WORD = "lab-keys";

    private final Path folder;
    private final Path store;

    private Certificates(Path folder) {
        this.folder = folder;
        this.store = folder.resolve("all.p12");
    }

    /// Makes an authority, whose certificate is in [#authority()].
    static Certificates in(Path folder) {
        var made = new Certificates(folder);
        try {
            Files.createDirectories(folder);
            if (Files.exists(made.store)) return made;
            made.keytool("authority", "-validity", "30", "-ext", "bc:c", "-ext", "ku=keyCertSign");
            Files.writeString(made.authority(), pem("CERTIFICATE", made.chain("authority")[0].getEncoded()));
            return made;
        } catch (IOException | GeneralSecurityException e) {
            throw unmade(e);
        }
    }

    /// The authority's certificate, as PEM.
    Path authority() {
        return folder.resolve("authority.pem");
    }

    /// A certificate that is good today, unless it is there.
    ///
    /// @param names as keytool's `san` takes them, such as `ip:127.0.0.1,dns:localhost`
    Certificates sign(String alias, String names) {
        return sign(alias, names, "-validity", "20");
    }

    /// One that has expired nine days ago.
    Certificates signExpired(String alias, String names) {
        return sign(alias, names, "-startdate", "-10d", "-validity", "1");
    }

    /// One whose key is of an elliptic curve.
    Certificates signEc(String alias, String names) {
        return sign(alias, names, "-validity", "20", "-keyalg", "EC");
    }

    private Certificates sign(String alias, String names, String... validity) {
        try {
            if (open().containsAlias(alias)) return this;
            var args = new ArrayList<>(List.of(validity));
            args.addAll(List.of("-signer", "authority", "-ext", "san=" + names));
            keytool(alias, args.toArray(String[]::new));
            return this;
        } catch (IOException | GeneralSecurityException e) {
            throw unmade(e);
        }
    }

    /// A store with this certificate and its key alone, as Kafka takes it, and its word is [#WORD].
    Path store(String alias) {
        try {
            var path = folder.resolve(alias + ".p12");
            try (var out = Files.newOutputStream(path)) {
                alone(alias).store(out, WORD.toCharArray());
            }
            return path;
        } catch (IOException | GeneralSecurityException e) {
            throw unmade(e);
        }
    }

    /// A certificate and its key as PEM, as a client takes them: `ALIAS.crt` and `ALIAS.key`.
    Path pem(String alias) {
        try {
            var path = folder.resolve(alias + ".crt");
            Files.writeString(path, pem("CERTIFICATE", chain(alias)[0].getEncoded()));
            Files.writeString(
                    folder.resolve(alias + ".key"),
                    pem("PRIVATE KEY", key(alias).getEncoded()));
            return path;
        } catch (IOException | GeneralSecurityException e) {
            throw unmade(e);
        }
    }

    /// What a server with this certificate speaks TLS with; it believes clients that the authority signed.
    SSLContext server(String alias) {
        try {
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(alone(alias), WORD.toCharArray());
            var trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("authority", chain("authority")[0]);
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            var tls = SSLContext.getInstance("TLS");
            tls.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return tls;
        } catch (IOException | GeneralSecurityException e) {
            throw unmade(e);
        }
    }

    private KeyStore alone(String alias) throws IOException, GeneralSecurityException {
        var one = KeyStore.getInstance("PKCS12");
        one.load(null, null);
        one.setKeyEntry(alias, key(alias), WORD.toCharArray(), chain(alias));
        return one;
    }

    private Key key(String alias) throws IOException, GeneralSecurityException {
        return open().getKey(alias, WORD.toCharArray());
    }

    private Certificate[] chain(String alias) throws IOException, GeneralSecurityException {
        return open().getCertificateChain(alias);
    }

    private KeyStore open() throws IOException, GeneralSecurityException {
        var all = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            all.load(in, WORD.toCharArray());
        }
        return all;
    }

    private void keytool(String alias, String... more) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                alias,
                "-dname",
                "CN=lab " + alias,
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                WORD));
        command.addAll(List.of(more));
        // the driver reads no other keys from a file
        if (!command.contains("-keyalg")) command.addAll(List.of("-keyalg", "RSA", "-keysize", "2048"));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) throw new IOException("keytool: " + said.strip());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble.Stopped("Interrupted while the lab's certificates were made.");
        }
    }

    private static String pem(String what, byte[] der) {
        var lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(what, lines);
    }

    private static Trouble.Failed unmade(Exception e) {
        return new Trouble.Failed("The lab's certificates could not be made (" + e.getMessage() + ").", e);
    }
}
