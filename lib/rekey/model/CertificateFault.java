package rekey.model;

import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Optional;

/// Why two sides did not agree on TLS, told from what Java says of it. ClickHouse's driver and Kafka's client wrap
/// the same sentences of the JDK.
public enum CertificateFault {
    EXPIRED("has expired: have it renewed"),
    NOT_YET("is not valid yet: look at the clocks of both machines"),
    UNKNOWN("is signed by nobody this Java trusts"),
    OTHER_NAME("is for another name: use the name that stands in it"),
    /// The server wants one from this client, which gave none, or none that the server believes.
    CLIENT("");

    private final String sentence;

    CertificateFault(String sentence) {
        this.sentence = sentence;
    }

    /// What is wrong with the server's certificate, as the end of a sentence; empty where it is the client's.
    public String sentence() {
        return sentence;
    }

    /// Nothing where no certificate was the reason.
    public static Optional<CertificateFault> of(Throwable e) {
        for (var t = e; t != null && t.getCause() != t; t = t.getCause()) {
            var found = one(t, String.valueOf(t.getMessage()));
            if (found != null) return Optional.of(found);
        }
        return Optional.empty();
    }

    private static CertificateFault one(Throwable t, String text) {
        if (t instanceof CertificateExpiredException || text.contains("NotAfter")) return EXPIRED;
        if (t instanceof CertificateNotYetValidException || text.contains("NotBefore")) return NOT_YET;
        if (text.contains("unable to find valid certification path")) return UNKNOWN;
        if (text.contains("No subject alternative")
                || text.contains("doesn't match any of the subject alternative")
                || text.contains("No name matching")) return OTHER_NAME;
        if (text.contains("fatal alert: bad_certificate")
                || text.contains("fatal alert: certificate_required")
                || text.contains("fatal alert: certificate_unknown")
                || text.contains("fatal alert: unknown_ca")) return CLIENT;
        return null;
    }
}
