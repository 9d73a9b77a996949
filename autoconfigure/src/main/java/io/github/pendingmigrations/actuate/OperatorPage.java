package io.github.pendingmigrations.actuate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

import org.springframework.core.io.ClassPathResource;
import org.springframework.util.Assert;

/**
 * The page that operators see in a browser. Actuator operations cannot set headers, so
 * the page carries its own content security policy, which allows its inline script and
 * style by their hashes and nothing else.
 *
 * @param html the page
 */
record OperatorPage(String html) {

	static final String RESOURCE = "io/github/pendingmigrations/actuate/page.html";

	static OperatorPage load() {
		ClassPathResource resource = new ClassPathResource(RESOURCE, OperatorPage.class.getClassLoader());
		try {
			// Browsers hash what they have parsed, and parsing turns CR LF into LF
			String template = resource.getContentAsString(StandardCharsets.UTF_8).replace("\r\n", "\n");
			return new OperatorPage(
					template.replace("{{script-hash}}", hash(between(template, "<script>", "</script>")))
						.replace("{{style-hash}}", hash(between(template, "<style>", "</style>"))));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String between(String text, String start, String end) {
		int from = text.indexOf(start);
		int to = text.indexOf(end, from);
		Assert.state(from != -1 && to != -1, () -> "No " + start + " in " + RESOURCE);
		return text.substring(from + start.length(), to);
	}

	private static String hash(String content) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
			return "sha256-" + Base64.getEncoder().encodeToString(digest);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
