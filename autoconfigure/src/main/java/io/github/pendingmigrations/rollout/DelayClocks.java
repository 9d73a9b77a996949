package io.github.pendingmigrations.rollout;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

import io.github.pendingmigrations.MigrationLedger;
import io.github.pendingmigrations.MigrationLedger.Entry;
import io.github.pendingmigrations.MigrationLedger.Snapshot;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.PendingScripts;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Records when the rollout of each migration was first complete, which is when its delay
 * begins. Asks the database only as long as there is one whose rollout is not.
 */
class DelayClocks {

	private static final Log logger = LogFactory.getLog(DelayClocks.class);

	private final PendingScripts scripts;

	private final MigrationLedger ledger;

	private final RolloutGate gate;

	private @Nullable Knowledge settled;

	DelayClocks(PendingScripts scripts, MigrationLedger ledger, RolloutGate gate) {
		this.scripts = scripts;
		this.ledger = ledger;
		this.gate = gate;
	}

	/**
	 * Look again at all of them.
	 */
	void reset() {
		this.settled = null;
	}

	/**
	 * Start the clocks whose time has come.
	 */
	void update() {
		Knowledge code = Knowledge.of(this.scripts);
		if (code.equals(this.settled)) {
			return;
		}
		List<PendingScript> inCode = this.scripts.all();
		Map<String, Entry> entries = this.ledger.load()
			.map(Snapshot::entries)
			.orElse(List.of())
			.stream()
			.collect(Collectors.toMap(Entry::version, Function.identity()));
		List<PendingScript> waiting = inCode.stream().filter((script) -> waits(entries, script)).toList();
		List<PendingScript> complete = waiting.isEmpty() ? List.of() : this.gate.complete(waiting);
		if (!complete.isEmpty()) {
			this.ledger.recordRolledOut(complete.stream().map(PendingScript::versionText).toList())
				.forEach((version) -> logger.info("The rollout of P" + version + " is complete"));
		}
		if (complete.size() == waiting.size() && entries.size() >= inCode.size()) {
			this.settled = code;
		}
	}

	private static boolean waits(Map<String, Entry> entries, PendingScript script) {
		return Optional.ofNullable(entries.get(script.versionText()))
			.filter((entry) -> entry.application() == null && entry.rolledOutAt() == null)
			.isPresent();
	}

}
