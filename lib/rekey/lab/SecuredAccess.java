package rekey.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import rekey.model.Trouble;

/// The lab's second way in, as secured servers have it: ClickHouse behind TLS, and Kafka with TLS and a login by
/// SCRAM. The files are those that `--jdbc-config` and `--kafka-config` take.
///
/// @param url         of ClickHouse
/// @param jdbcConfig  whose authority is to be believed
/// @param bootstrap   of Kafka; null where the lab has none
/// @param kafkaConfig authority, user and password; null where the lab has no Kafka
public record SecuredAccess(String url, Path jdbcConfig, String bootstrap, Path kafkaConfig) {
    /// What the server's certificate is for.
    static final String HERE = "ip:127.0.0.1,dns:localhost", SERVER = "server";

    static SecuredAccess of(Path folder, Certificates certificates, TlsFront front, KafkaBroker kafka) {
        try {
            return new SecuredAccess(
                    "https://127.0.0.1:" + front.port(),
                    Files.writeString(
                            folder.resolve("jdbc.properties"), "sslrootcert=" + certificates.authority() + "\n"),
                    kafka == null ? null : kafka.securedBootstrap(),
                    kafka == null ? null : Files.writeString(folder.resolve("kafka.properties"), kafka.clientConfig()));
        } catch (IOException e) {
            throw new Trouble.Failed("The lab's folder " + folder + " can't be written (" + e.getMessage() + ").", e);
        }
    }

    /// How to connect so, for a person.
    public String text() {
        return "secured     --url " + url + " --jdbc-config " + jdbcConfig
                + (bootstrap == null ? "" : "\n            --kafka " + bootstrap + " --kafka-config " + kafkaConfig);
    }
}
