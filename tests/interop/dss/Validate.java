// SPDX-License-Identifier: Apache-2.0
// What EU DSS says of containers: its own default policy, offline, with nothing trusted but the certificates given.
// usage: java -cp 'LIB/*' [-Dat=2026-11-29T00:00:00Z] Validate.java ANCHORS.pem CONTAINER...
// at: the time of validation instead of now, for a table that is to say the same whenever it is compared (a certificate of a fixture may begin or end).
// A line a signature: container as named, signature file in it, indication, sub-indication, level, best-signature-time (UTC), then the stamps'
// indications and times, errors and warnings, apart by tabs. A container that DSS cannot read: "container - unreadable MESSAGE".
import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.FileInputStream;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.text.SimpleDateFormat;
import java.time.Instant;
import java.util.Date;
import java.util.StringJoiner;
import java.util.TimeZone;

public class Validate {
	static String utc(Date d) {
		if (d == null)
			return "none";
		SimpleDateFormat f = new SimpleDateFormat("yyyy-MM-dd'T'HH:mm:ss'Z'");
		f.setTimeZone(TimeZone.getTimeZone("UTC"));
		return f.format(d);
	}

	static CommonTrustedCertificateSource anchors(String pem) throws Exception {
		CommonTrustedCertificateSource source = new CommonTrustedCertificateSource();
		try (FileInputStream in = new FileInputStream(pem)) {
			for (Certificate c : CertificateFactory.getInstance("X.509").generateCertificates(in))
				source.addCertificate(new CertificateToken((X509Certificate) c));
		}
		return source;
	}

	static void report(String file, SimpleReport r) {
		for (String id : r.getSignatureIdList()) {
			StringJoiner line = new StringJoiner("\t");
			line.add(file).add(r.getTokenFilename(id) == null ? "-" : r.getTokenFilename(id));
			line.add(r.getIndication(id).name()).add(r.getSubIndication(id) == null ? "-" : r.getSubIndication(id).name());
			line.add(String.valueOf(r.getSignatureFormat(id))).add(utc(r.getBestSignatureTime(id)));
			r.getSignatureTimestamps(id).forEach(t -> line.add("stamp " + t.getIndication() + " " + utc(t.getProductionTime())));
			r.getAdESValidationErrors(id).forEach(m -> line.add("error " + m.getKey() + " " + m.getValue()));
			r.getAdESValidationWarnings(id).forEach(m -> line.add("warning " + m.getKey()));
			System.out.println(line);
		}
		if (r.getSignatureIdList().isEmpty())
			System.out.println(file + "\t-\tunsigned");
	}

	public static void main(String[] args) throws Exception {
		String at = System.getProperty("at");
		for (int i = 1; i < args.length; i++) {
			try {
				CommonCertificateVerifier verifier = new CommonCertificateVerifier();
				verifier.setTrustedCertSources(anchors(args[0]));
				SignedDocumentValidator v = SignedDocumentValidator.fromDocument(new FileDocument(args[i]));
				v.setCertificateVerifier(verifier);
				if (at != null)
					v.setValidationTime(Date.from(Instant.parse(at)));
				Reports reports = v.validateDocument();
				report(args[i], reports.getSimpleReport());
			} catch (RuntimeException e) {
				System.out.println(args[i] + "\t-\tunreadable\t" + e.getClass().getSimpleName() + ": " + e.getMessage());
			}
		}
	}
}
