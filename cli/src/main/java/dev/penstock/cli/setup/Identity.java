package dev.penstock.cli.setup;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A private key and the certificates that vouch for it.
 *
 * @param chain its own first, the authority's last
 */
record Identity(PrivateKey key, List<X509Certificate> chain) {
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII));

    Identity {
        chain = List.copyOf(chain);
    }

    /** PKCS #8, not encrypted: who may read the file is what protects it. */
    String keyPem() {
        return pem("PRIVATE KEY", key.getEncoded());
    }

    String chainPem() {
        return chain.stream().map(Identity::pem).collect(Collectors.joining());
    }

    static String pem(X509Certificate certificate) {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("Cannot write a certificate: " + e.getMessage(), e);
        }
    }

    private static String pem(String kind, byte[] content) {
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, LINES.encodeToString(content), kind);
    }

    /** Says nothing of the key. */
    @Override
    public String toString() {
        return "identity of " + chain.get(0).getSubjectX500Principal();
    }
}
