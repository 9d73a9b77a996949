package io.github.pendingmigrations.actuate;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link OperatorPage}.
 */
class OperatorPageTests {

	private final String html = OperatorPage.load().html();

	@Test
	void policyAllowsItsOwnScriptAndStyleOnly() throws Exception {
		assertThat(this.html).contains("default-src 'none'; script-src '" + hash("script") + "'; style-src '"
				+ hash("style") + "'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'");
	}

	@Test
	void nothingIsLoadedFromElsewhere() {
		assertThat(this.html).doesNotContain("http://", "https://", " src=", "{{", "@import", "url(");
	}

	@Test
	void nothingBypassesThePolicyOrTheEscaping() {
		assertThat(this.html).doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
				" style=", "onclick=\"", "javascript:");
	}

	@Test
	void everyFieldHasALabel() {
		Matcher matcher = Pattern.compile("<(?:input|textarea) id=\"([a-z]+)\"").matcher(this.html);
		assertThat(matcher.results().map((result) -> result.group(1))).containsExactly("reason", "confirmation")
			.allSatisfy((id) -> assertThat(this.html).contains("<label for=\"" + id + "\""));
	}

	private String hash(String tag) throws Exception {
		Matcher matcher = Pattern.compile("<" + tag + ">(.*)</" + tag + ">", Pattern.DOTALL).matcher(this.html);
		assertThat(matcher.find()).isTrue();
		return "sha256-" + Base64.getEncoder()
			.encodeToString(
					MessageDigest.getInstance("SHA-256").digest(matcher.group(1).getBytes(StandardCharsets.UTF_8)));
	}

}
