package io.github.pendingmigrations.check;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The checker may cost a start-up nothing that anybody notices. The margins are wide, for
 * busy machines: {@link CheckerBenchmark} prints figures.
 */
@Isolated
class CheckerSpeedTests {

	@Test
	void thousandsOfStatementsTakeASecond() {
		CheckerBenchmark.statementsPerSecond(5_000);
		assertThat(CheckerBenchmark.statementsPerSecond(5_000)).isGreaterThan(5_000);
	}

	@Test
	void thousandScriptsTakeLessThanTwoSeconds() {
		assertThat(CheckerBenchmark.millisForScripts(1_000)).isLessThan(2_000);
	}

}
