package io.github.pendingmigrations.chaos;

import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/**
 * Numbers the calls of the worker, from the one that claims a run, so that every step of
 * it has a number.
 */
abstract class CallCounter implements WatchedDataSource.Observer {

	private static final Pattern CLAIM = Pattern.compile("(?s)\\s*update \\S+_run\\s+set status = 'RUNNING'.*");

	private volatile int number;

	@Override
	public final void before(String sql) {
		on(sql, (step, label) -> {
			if (this.number > 0 || CLAIM.matcher(sql).matches()) {
				this.number++;
				beforeCall(this.number, label);
			}
		});
	}

	@Override
	public final void after(String sql) {
		on(sql, (step, label) -> {
			if (this.number > 0) {
				afterCall(this.number, label);
			}
		});
	}

	int number() {
		return this.number;
	}

	abstract void beforeCall(int number, String label);

	void afterCall(int number, String label) {
	}

	private void on(String sql, BiConsumer<Integer, String> call) {
		if (Thread.currentThread().getName().endsWith("-worker")) {
			call.accept(this.number, sql.strip().replaceAll("\\s+", " "));
		}
	}

}
