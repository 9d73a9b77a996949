package io.github.pendingmigrations.online;

import java.time.Duration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an application felt of a migration.
 *
 * @param table the statements on the migrated table, during the migration
 * @param witness the statements on another table, at the same time
 * @param calm the statements on the table before the migration
 */
record Felt(Observations table, Observations witness, Observations calm) {

	Noise noise() {
		return new Noise(Noise.longer(this.witness.worst(), this.calm.worst()));
	}

	void requireWorst(Duration limit) {
		noise().require("worst statement", this.table.worst(), limit);
	}

	/**
	 * Require that statements were stalled for no longer than a limit in all, beside what
	 * was stalled without the migration.
	 * @param limit the limit
	 */
	void requireStalled(Duration limit) {
		Duration noise = Noise.longer(this.witness.stalled(), this.calm.stalled());
		assertThat(this.table.stalled()).as("stalled, with noise of %s", noise).isLessThanOrEqualTo(limit.plus(noise));
	}

	void requireNoErrors() {
		assertThat(this.table.errors()).isEmpty();
		assertThat(this.witness.errors()).isEmpty();
	}

}
