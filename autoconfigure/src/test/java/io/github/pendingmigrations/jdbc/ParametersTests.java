package io.github.pendingmigrations.jdbc;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Parameters}.
 */
class ParametersTests {

	@Test
	void shortTextStaysAsItIs() {
		assertThat(text("abc", 3)).isEqualTo("abc");
	}

	@Test
	void longTextEndsWithEllipsis() {
		assertThat(text("abcd", 3)).isEqualTo("ab…");
	}

	@Test
	void surrogatePairIsNotCutInTwo() {
		assertThat(text("a\uD83D\uDE00bc", 3)).isEqualTo("a…");
	}

	@Test
	void nulCharacterIsLeftOut() {
		assertThat(text("a\0b", 3)).isEqualTo("ab");
	}

	private static Object text(String value, int maxLength) {
		return new Parameters().text("name", value, maxLength).getValue("name");
	}

}
