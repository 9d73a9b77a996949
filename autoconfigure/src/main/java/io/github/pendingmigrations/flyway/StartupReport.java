package io.github.pendingmigrations.flyway;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

import io.github.pendingmigrations.MigrationLedger.Entry;
import io.github.pendingmigrations.MigrationLedger.Snapshot;
import io.github.pendingmigrations.PendingMigration.Application;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.PendingScript;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * What the log says about pending migrations after a start-up.
 */
final class StartupReport {

	private static final Log logger = LogFactory.getLog(SafeStartup.class);

	private StartupReport() {
	}

	static void log(List<PendingScript> scripts, Snapshot snapshot) {
		Map<String, Entry> entries = snapshot.entries()
			.stream()
			.collect(Collectors.toMap(Entry::version, Function.identity()));
		Map<String, PendingScript> known = scripts.stream()
			.collect(Collectors.toMap(PendingScript::versionText, Function.identity()));
		List<String> waiting = scripts.stream()
			.filter((script) -> !isApplied(entries.get(script.versionText())))
			.map(PendingScript::displayName)
			.toList();
		if (!waiting.isEmpty()) {
			logger.info(waiting.size() + " pending migration(s) wait: " + String.join(", ", waiting)
					+ ". List and apply them with the actuator endpoint 'pendingmigrations'");
		}
		for (Entry entry : snapshot.entries()) {
			PendingScript script = known.get(entry.version());
			Application application = entry.application();
			if (application == null) {
				warnIfPartial(entry);
				continue;
			}
			if (script == null) {
				logger.warn("P" + entry.version() + " " + entry.description() + " was applied at " + application.at()
						+ " by " + application.by() + " and is not in this code. Either this code is older than the "
						+ "database, and must not need what that removed, or the file was deleted: keep it, as V files");
			}
			else if (entry.ranWithOtherContent(script)) {
				logger.warn(script.location() + " was changed after it was applied at " + application.at()
						+ ": restore it, and put the change into a new migration");
			}
		}
	}

	private static void warnIfPartial(Entry entry) {
		Checkpoint checkpoint = entry.checkpoint();
		if (checkpoint != null && checkpoint.isPartial()) {
			logger.warn("P" + entry.version() + " " + entry.description() + " is partially applied: "
					+ checkpoint.statementsDone() + " statement(s) took effect"
					+ ((checkpoint.batches() > 0)
							? ", and " + checkpoint.rows() + " rows in " + checkpoint.batches() + " batches" : "")
					+ (checkpoint.inDoubt() ? ", and the outcome of the next one is not known" : "")
					+ ". Its last run says what to do");
		}
	}

	private static boolean isApplied(@Nullable Entry entry) {
		return entry != null && entry.application() != null;
	}

}
