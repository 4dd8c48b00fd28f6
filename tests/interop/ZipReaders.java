// SPDX-License-Identifier: Apache-2.0
// java ZipReaders.java file|stream FILE: "CRC SIZE NAME" of every member, by java.util.zip's ZipFile (the directory) or ZipInputStream (local headers).
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.Collections;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;

public class ZipReaders {
	private static final PrintStream OUT = new PrintStream(System.out, true, java.nio.charset.StandardCharsets.UTF_8);

	private static void print(ZipEntry e, InputStream in) throws Exception {
		CRC32 crc = new CRC32();
		byte[] block = new byte[1 << 20];
		long size = 0;
		for (int n; (n = in.read(block)) > 0; size += n)
			crc.update(block, 0, n);
		OUT.printf("%08x %d %s%n", crc.getValue(), size, e.getName());
		if (e.getSize() != size || e.getCrc() != crc.getValue())
			throw new Exception(e.getName() + ": other size or CRC stated");
	}

	public static void main(String[] args) throws Exception {
		if (args[0].equals("file")) {
			try (ZipFile z = new ZipFile(args[1])) {
				for (ZipEntry e : Collections.list(z.entries()))
					try (InputStream in = z.getInputStream(e)) {
						print(e, in);
					}
			}
			return;
		}
		try (ZipInputStream z = new ZipInputStream(new FileInputStream(args[1]))) {
			for (ZipEntry e; (e = z.getNextEntry()) != null;)
				print(e, z);
		}
	}
}
