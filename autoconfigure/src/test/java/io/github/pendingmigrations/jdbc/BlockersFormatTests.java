package io.github.pendingmigrations.jdbc;

import java.time.Duration;
import java.util.Collections;
import java.util.List;

import io.github.pendingmigrations.MigrationRun.Blocker;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link BlockersFormat}.
 */
class BlockersFormatTests {

	private static final Blocker BLOCKER = new Blocker(4711, "app", "billing \"eu\"\0", "idle in transaction",
			Duration.ofMillis(42_500), "select 1");

	@Test
	void blockersAreReadAsTheyWereWritten() {
		List<Blocker> blockers = List.of(BLOCKER, new Blocker(1, null, null, null, null, null));
		assertThat(BlockersFormat.read(BlockersFormat.write(blockers))).isEqualTo(blockers);
	}

	@Test
	void nobodyIsNothing() {
		assertThat(BlockersFormat.write(List.of())).isNull();
		assertThat(BlockersFormat.read(null)).isEmpty();
	}

	@Test
	void crowdIsCutOff() {
		assertThat(BlockersFormat.read(BlockersFormat.write(Collections.nCopies(1000, BLOCKER)))).hasSize(50);
	}

	@Test
	void memberOfLaterVersionIsIgnored() {
		assertThat(BlockersFormat.read("[{\"session\":4711,\"host\":\"db1\"}]"))
			.containsExactly(new Blocker(4711, null, null, null, null, null));
	}

	@Test
	void unreadableTextIsNobody() {
		assertThat(BlockersFormat.read("{")).isEmpty();
	}

}
