package io.github.pendingmigrations.actuate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.core.io.ClassPathResource;
import org.springframework.util.Assert;

/**
 * The page that operators see in a browser. Actuator operations cannot set headers, so
 * the page carries its own content security policy, which allows its inline script and
 * style by their hashes and nothing else.
 *
 * @param html the page, with placeholders for what depends on the user
 */
record OperatorPage(String html) {

	/** What may not occur in the value of an attribute. */
	private static final Map<String, String> ENTITIES = Map.of("<", "&lt;", ">", "&gt;", "\"", "&quot;", "'", "&#39;");

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

	/**
	 * Return the page for a user. What it leaves out only spares people a refusal: the
	 * endpoints decide who may do what.
	 * @param links where the page finds the runs, and what the endpoints accept
	 * @param refusal why the user may not write, or {@code null}
	 * @return the page
	 */
	String render(OperatorPageLinks links, @Nullable String refusal) {
		return this.html.replace("{{runs}}", escape(links.runs()))
			.replace("{{apply}}", String.valueOf(links.applies() && refusal == null))
			.replace("{{control}}", String.valueOf(links.controls() && refusal == null))
			.replace("{{note}}",
					escape((refusal != null) ? "You can look, but not change anything. " + refusal : note(links)));
	}

	private static String note(OperatorPageLinks links) {
		if (!links.applies()) {
			return "The endpoint is read-only here: nothing can be applied unless "
					+ "management.endpoint.pendingmigrations.access is 'unrestricted'";
		}
		return links.controls() ? "" : "Runs cannot be cancelled, held or retried here unless the endpoint "
				+ "'migrationruns' is exposed and management.endpoint.migrationruns.access is 'unrestricted'";
	}

	private static String escape(String text) {
		String escaped = text.replace("&", "&amp;");
		for (Map.Entry<String, String> entity : ENTITIES.entrySet()) {
			escaped = escaped.replace(entity.getKey(), entity.getValue());
		}
		return escaped;
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
