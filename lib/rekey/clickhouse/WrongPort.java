package rekey.clickhouse;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import rekey.model.CertificateFault;

/// What stands behind an address that does not answer as ClickHouse's HTTP port does. The driver's word for the
/// native port was "Unreadable error message"; so the port itself is asked, which says what it is.
final class WrongPort {
    private static final int PATIENCE_MILLIS = 2000;
    private static final Pattern HTTP_PORT = Pattern.compile("port (\\d+) for HTTP");

    private WrongPort() {}

    /// @param e why the connection failed
    /// @return nothing where the address may be the right one
    static Optional<String> of(Endpoint endpoint, Throwable e) {
        var certificate = CertificateFault.of(e);
        if (certificate.isPresent()) return certificate.map(fault -> certificate(endpoint, fault));
        if (ownKey(e))
            return Optional.of("The driver can't read the key that ssl_key names in --jdbc-config: it takes an RSA key,"
                    + " unencrypted, in PKCS#8.");
        if (!unexpected(e)) return Optional.empty();
        URI address;
        try {
            address = URI.create(endpoint.url().contains("://") ? endpoint.url() : "http://" + endpoint.url());
        } catch (IllegalArgumentException wrong) {
            return Optional.empty();
        }
        if (address.getHost() == null || address.getPort() < 0) return Optional.empty();
        var said = plain(address);
        var where = endpoint.host();
        if (said.contains("clickhouse-client program")) {
            var http = HTTP_PORT.matcher(said);
            return Optional.of(where + " is ClickHouse's native port; --url wants the one for HTTP"
                    + (http.find() ? ": " + http.group(1) : ", such as 8123 or, with https, 8443") + ".");
        }
        if ("https".equals(address.getScheme()) && said.startsWith("HTTP/"))
            return Optional.of(where + " speaks http, not https: give --url http://" + where + ".");
        if ("https".equals(address.getScheme()) && !said.startsWith("HTTP/")) {
            var wanted = asked(address).filter(fault -> fault == CertificateFault.CLIENT);
            if (wanted.isPresent()) return wanted.map(fault -> certificate(endpoint, fault));
        }
        if (!"https".equals(address.getScheme()) && !said.startsWith("HTTP/") && tls(address))
            return Optional.of(where + " speaks https, not http: give --url https://" + where + ".");
        return Optional.empty();
    }

    /// Not for one that could not be reached at all, or that answered as a ClickHouse does.
    private static boolean unexpected(Throwable e) {
        for (var t = e; t != null; t = t.getCause()) {
            if (t instanceof java.net.ConnectException || t instanceof java.net.UnknownHostException) return false;
            if (t instanceof ServerError s && s.code() > 0) return false;
        }
        return true;
    }

    private static String certificate(Endpoint endpoint, CertificateFault fault) {
        if (fault == CertificateFault.CLIENT)
            return endpoint.host() + " wants a certificate of this client that it believes: give sslcert=FILE and"
                    + " ssl_key=FILE in --jdbc-config.";
        return "The certificate of " + endpoint.host() + " " + fault.sentence()
                + (fault == CertificateFault.UNKNOWN
                        ? ": give the authority's certificate with sslrootcert=FILE in --jdbc-config."
                        : ".");
    }

    /// What the server says when nobody shows it a certificate and nothing is sent: a client that writes before it
    /// reads met a broken pipe, and the reason was lost.
    private static Optional<CertificateFault> asked(URI address) {
        try (var plain = connected(address);
                var socket = (SSLSocket) anybody().createSocket(plain, address.getHost(), address.getPort(), true)) {
            socket.startHandshake();
            socket.getInputStream().read();
            return Optional.empty();
        } catch (IOException e) {
            return CertificateFault.of(e);
        }
    }

    /// Believes every server, for a question in which nothing is told.
    private static SSLSocketFactory anybody() {
        try {
            var tls = SSLContext.getInstance("TLS");
            tls.init(null, new TrustManager[] {new Anybody()}, null);
            return tls.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Anybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /// Of a key of another kind, such as an elliptic curve's, the driver says "Version must be 0".
    private static boolean ownKey(Throwable e) {
        for (var t = e; t != null && t.getCause() != t; t = t.getCause())
            if (t instanceof InvalidKeySpecException || t instanceof InvalidKeyException) return true;
        return false;
    }

    private static String plain(URI address) {
        try (var socket = connected(address)) {
            socket.getOutputStream()
                    .write(("GET /ping HTTP/1.0\r\nHost: " + address.getHost() + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readNBytes(1024), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // what does not speak says nothing
        }
    }

    private static boolean tls(URI address) {
        try (var plain = connected(address);
                var socket = (SSLSocket) anybody().createSocket(plain, address.getHost(), address.getPort(), true)) {
            socket.startHandshake();
            return true;
        } catch (IOException e) {
            return CertificateFault.of(e).isPresent(); // it wants a certificate of this client, so it is TLS
        }
    }

    private static Socket connected(URI address) throws IOException {
        var socket = new Socket();
        socket.connect(new InetSocketAddress(address.getHost(), address.getPort()), PATIENCE_MILLIS);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }
}
