package io.github.pendingmigrations.run;

import java.time.Duration;
import java.util.List;

import io.github.pendingmigrations.MigrationLedger.Entry;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.PendingMigrations.Statement;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.PendingScript.Body;
import io.github.pendingmigrations.PendingScript.SqlBody;
import io.github.pendingmigrations.Preflight;
import io.github.pendingmigrations.Preflight.Dependant;
import io.github.pendingmigrations.Preflight.Effect;
import io.github.pendingmigrations.Preflight.Notice;
import io.github.pendingmigrations.PreflightInspector;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Looks at what a migration would meet before it asks for its first lock. Advises only:
 * that it cannot look is no reason not to try.
 */
class RunPreflight {

	private static final Log logger = LogFactory.getLog(RunPreflight.class);

	/** A vacuum takes its time, a prepared transaction can end any moment. */
	static final Duration VACUUM_WAIT = Duration.ofMinutes(5);

	static final Duration OTHER_WAIT = Duration.ofMinutes(1);

	private final PreflightInspector inspector;

	private final boolean sessionAsExpected;

	/**
	 * Create the pre-flight.
	 * @param inspector looks at the database
	 * @param sessionAsExpected whether the session that executes is one as the inspector
	 * has, so that names mean the same there
	 */
	RunPreflight(PreflightInspector inspector, boolean sessionAsExpected) {
		this.inspector = inspector;
		this.sessionAsExpected = sessionAsExpected;
	}

	/**
	 * Look.
	 * @param script the migration
	 * @param body its content
	 * @param entry what the ledger has about it, or {@code null} if nothing
	 * @return what was seen
	 */
	@SuppressWarnings("IllegalCatch")
	Outlook look(PendingScript script, Body body, @Nullable Entry entry) {
		Checkpoint reached = (entry != null) ? entry.checkpoint() : null;
		try {
			Preflight preflight = this.inspector.inspect(script, (reached != null) ? reached.statementsDone() : 0);
			boolean fails = isCertainToFail(preflight, body);
			List<Notice> notices = preflight.notices();
			return new Outlook(fails ? first(notices, Effect.FAILS) : null, preflight.holdReason().orElse(null),
					notices.stream().filter((notice) -> notice.effect() != Effect.INFORMS).toList());
		}
		catch (RuntimeException ex) {
			logger.debug("What " + script.displayName() + " would meet cannot be seen", ex);
			return Outlook.CLEAR;
		}
	}

	/**
	 * A statement that was not understood can remove what depends on the others, and one
	 * that changes the session can change what their names mean, or whether foreign keys
	 * count.
	 */
	private boolean isCertainToFail(Preflight preflight, Body body) {
		if (!this.sessionAsExpected || !(body instanceof SqlBody sql)) {
			return false;
		}
		return preflight.dependants()
			.stream()
			.filter((dependant) -> dependant.consequence() == Dependant.Consequence.FAILS)
			.anyMatch((dependant) -> preflight.statements()
				.stream()
				.filter((statement) -> statement.number() <= dependant.statement())
				.allMatch(Preflight.StatementLock::understood)
					&& sql.statements()
						.stream()
						.filter((statement) -> statement.number() < dependant.statement())
						.map(Statement::sql)
						.noneMatch(SqlText::changesOnlySession));
	}

	private static @Nullable Notice first(List<Notice> notices, Effect effect) {
		return notices.stream().filter((notice) -> notice.effect() == effect).findFirst().orElse(null);
	}

	/**
	 * What was seen.
	 *
	 * @param failure why it is certain to fail, or {@code null}
	 * @param obstacle why no attempt can succeed for now, or {@code null}
	 * @param notices everything that matters to the run
	 */
	record Outlook(@Nullable Notice failure, @Nullable Notice obstacle, List<Notice> notices) {

		/** Nothing was seen. */
		static final Outlook CLEAR = new Outlook(null, null, List.of());

		/**
		 * Return for what the run has to wait.
		 * @return the obstacle, or {@code null} if there is none
		 */
		RunEnd.@Nullable HeldUntil hold() {
			return (this.obstacle != null) ? new RunEnd.HeldUntil(this.obstacle.message() + " Tried again by itself.",
					(this.obstacle.code() == Notice.Code.WRAPAROUND_VACUUM) ? VACUUM_WAIT : OTHER_WAIT) : null;
		}

	}

}
