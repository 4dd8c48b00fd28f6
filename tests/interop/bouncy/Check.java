// SPDX-License-Identifier: Apache-2.0
// A package checked with BouncyCastle's CMS, time-stamp and path code and nothing of ours: both signatures over their manifests, the digests that the
// manifests list, both paths with revocation at the stamp's time, and every token's imprint and signature.
// usage: java -cp 'LIB/*' Check.java TRUST PACKAGE    (TRUST: signers.pem and tsas.pem)     prints the stamps' times, exit 1 with the reason otherwise
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.security.MessageDigest;
import java.security.Security;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.xml.parsers.DocumentBuilderFactory;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.tsp.TimeStampToken;
import org.bouncycastle.util.Store;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

public class Check {
	static final Map<String, String> DIGESTS = Map.of("http://www.w3.org/2001/04/xmlenc#sha256", "SHA-256",
		"http://www.w3.org/2001/04/xmldsig-more#sha384", "SHA-384", "http://www.w3.org/2001/04/xmlenc#sha512", "SHA-512");

	static class Refused extends Exception {
		Refused(String why) { super(why); }
	}

	static Set<TrustAnchor> anchors(String pem) throws Exception {
		Set<TrustAnchor> set = new HashSet<>();
		try (FileInputStream in = new FileInputStream(pem)) {
			for (java.security.cert.Certificate c : CertificateFactory.getInstance("X.509").generateCertificates(in))
				set.add(new TrustAnchor((X509Certificate) c, null));
		}
		return set;
	}

	// A path from the certificate to an anchor, with revocation, at `when`, from what is embedded alone.
	static void path(X509CertificateHolder leaf, Store<X509CertificateHolder> certificates, Store<X509CRLHolder> lists, Set<TrustAnchor> trust, Date when)
		throws Exception {
		Collection<Object> given = new ArrayList<>();
		for (X509CertificateHolder c : certificates.getMatches(null))
			given.add(new JcaX509CertificateConverter().setProvider("BC").getCertificate(c));
		for (X509CRLHolder l : lists.getMatches(null))
			given.add(new JcaX509CRLConverter().setProvider("BC").getCRL(l));
		X509CertSelector target = new X509CertSelector();
		target.setCertificate(new JcaX509CertificateConverter().setProvider("BC").getCertificate(leaf));
		PKIXBuilderParameters p = new PKIXBuilderParameters(trust, target);
		p.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(given), "BC"));
		p.setDate(when);
		p.setRevocationEnabled(true);
		CertPathBuilder.getInstance("PKIX", "BC").build(p);
	}

	static X509CertificateHolder one(Collection<X509CertificateHolder> c) throws Refused {
		if (c.size() != 1)
			throw new Refused(c.size() + " certificates match the signer");
		return c.iterator().next();
	}

	static Date token(byte[] der, byte[] signature, Store<X509CertificateHolder> certificates, Store<X509CRLHolder> lists, Set<TrustAnchor> trust) throws Exception {
		TimeStampToken t = new TimeStampToken(new CMSSignedData(der));
		X509CertificateHolder stamper = one(t.getCertificates().getMatches(t.getSID()));
		t.validate(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(stamper));
		byte[] imprint = MessageDigest.getInstance(t.getTimeStampInfo().getMessageImprintAlgOID().getId(), "BC").digest(signature);
		if (!MessageDigest.isEqual(imprint, t.getTimeStampInfo().getMessageImprintDigest()))
			throw new Refused("the token is of something else");
		path(stamper, t.getCertificates(), lists, trust, t.getTimeStampInfo().getGenTime());
		return t.getTimeStampInfo().getGenTime();
	}

	static byte[] read(ZipFile zip, String name) throws Exception {
		ZipEntry e = zip.getEntry(name);
		if (e == null)
			throw new Refused("no " + name);
		return zip.getInputStream(e).readAllBytes();
	}

	static int digests(ZipFile zip, byte[] manifest) throws Exception {
		DocumentBuilderFactory f = DocumentBuilderFactory.newInstance();
		f.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
		f.setNamespaceAware(true);
		NodeList list = f.newDocumentBuilder().parse(new ByteArrayInputStream(manifest)).getElementsByTagNameNS("http://uri.etsi.org/02918/v1.2.1#", "DataObjectReference");
		for (int i = 0; i < list.getLength(); i++) {
			Element e = (Element) list.item(i);
			String name = new java.net.URI(e.getAttribute("URI")).getPath();
			String method = ((Element) e.getElementsByTagNameNS("*", "DigestMethod").item(0)).getAttribute("Algorithm");
			byte[] want = Base64.getDecoder().decode(e.getElementsByTagNameNS("*", "DigestValue").item(0).getTextContent().trim());
			if (!MessageDigest.isEqual(want, MessageDigest.getInstance(DIGESTS.get(method)).digest(read(zip, name))))
				throw new Refused(name + " has another digest");
		}
		return list.getLength();
	}

	static Date signature(ZipFile zip, String number, Set<TrustAnchor> signers, Set<TrustAnchor> tsas) throws Exception {
		byte[] manifest = read(zip, "META-INF/ASiCManifest" + number + ".xml");
		if (digests(zip, manifest) == 0)
			throw new Refused("the manifest lists nothing");
		CMSSignedData cms = new CMSSignedData(new CMSProcessableByteArray(manifest), read(zip, "META-INF/signature" + number + ".p7s"));
		if (cms.getSignerInfos().size() != 1)
			throw new Refused("other than one signer");
		SignerInformation s = cms.getSignerInfos().getSigners().iterator().next();
		X509CertificateHolder signer = one(cms.getCertificates().getMatches(s.getSID()));
		if (!s.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(signer)))
			throw new Refused("the signature is not the signer's");
		Date last = null;
		for (Attribute a : s.getUnsignedAttributes().toASN1Structure().getAttributes()) {
			if (!a.getAttrType().equals(PKCSObjectIdentifiers.id_aa_signatureTimeStampToken))
				throw new Refused("an unsigned attribute " + a.getAttrType());
			Date d = token(a.getAttrValues().getObjectAt(0).toASN1Primitive().getEncoded(), s.getSignature(), cms.getCertificates(), cms.getCRLs(), tsas);
			last = last == null || d.after(last) ? d : last;
		}
		if (last == null)
			throw new Refused("no time-stamp");
		path(signer, cms.getCertificates(), cms.getCRLs(), signers, last);
		return last;
	}

	public static void main(String[] args) throws Exception {
		Security.addProvider(new BouncyCastleProvider());
		try (ZipFile zip = new ZipFile(args[1])) {
			for (String number : new String[] { "001", "002" }) {
				Date d = signature(zip, number, anchors(args[0] + "/signers.pem"), anchors(args[0] + "/tsas.pem"));
				System.out.println(number + " " + Instant.ofEpochSecond(d.getTime() / 1000));
			}
		} catch (Exception e) {
			System.out.println(args[1] + ": " + e);
			System.exit(1);
		}
	}
}
