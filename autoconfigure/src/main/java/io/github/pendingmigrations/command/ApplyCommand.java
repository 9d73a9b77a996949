package io.github.pendingmigrations.command;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigration;
import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.PendingMigrations.Overview;
import io.github.pendingmigrations.PendingMigrationsRegistry;
import io.github.pendingmigrations.PendingReason;
import io.github.pendingmigrations.RequestRefusedException;
import io.github.pendingmigrations.RequestRefusedException.Code;
import io.github.pendingmigrations.Requester;
import io.github.pendingmigrations.command.CommandSettings.Apply;
import io.github.pendingmigrations.command.PendingMigrationsCommand.Workers;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * Requests that pending migrations be applied, and waits for that. What waits for work
 * elsewhere is followed rather than refused, so that a job that is started again
 * continues.
 */
final class ApplyCommand {

	private static final Log logger = LogFactory.getLog(ApplyCommand.class);

	private static final String ALL = "all";

	private final PendingMigrationsRegistry registry;

	private final Inspection inspection;

	private final Apply request;

	private final Workers workers;

	private final RunFollower follower = new RunFollower();

	private volatile boolean stopped;

	ApplyCommand(PendingMigrationsRegistry registry, Inspection inspection, Apply request, Workers workers) {
		this.registry = registry;
		this.inspection = inspection;
		this.request = request;
		this.workers = workers;
	}

	/**
	 * Give back the run under way, and end.
	 */
	void stop() {
		this.stopped = true;
		this.workers.stop();
		this.follower.stop();
	}

	CommandReport run(PrintStream progress) {
		List<String> missing = missing();
		if (!missing.isEmpty()) {
			return report(Trouble.of(ExitCode.FAILED, "To apply needs " + String.join(", ", missing) + "."), null,
					List.of());
		}
		Map<String, PendingMigrations> services = this.registry.byFlywayBean();
		String name = (this.request.flyway() != null) ? this.request.flyway() : services.keySet().iterator().next();
		PendingMigrations service = services.get(name);
		if (service == null || (this.request.flyway() == null && services.size() > 1)) {
			return report(Trouble.of(ExitCode.FAILED, "Set 'pending-migrations.command.flyway' to one of these: "
					+ String.join(", ", services.keySet()) + "."), null, List.of());
		}
		return apply(service, progress);
	}

	private List<String> missing() {
		List<String> missing = new ArrayList<>();
		require(missing, this.request.upTo(), "up-to", "a version, or 'all'");
		require(missing, this.request.requestedBy(), "requested-by", "the person or the job that asks");
		require(missing, this.request.reason(), "reason", "why");
		return missing;
	}

	private static void require(List<String> missing, @Nullable String value, String name, String meaning) {
		if (!StringUtils.hasText(value)) {
			missing.add("'pending-migrations.command." + name + "' (" + meaning + ")");
		}
	}

	private CommandReport apply(PendingMigrations service, PrintStream progress) {
		MigrationRun last = null;
		while (true) {
			Request requested = request(service);
			if (requested.run() == null) {
				return ended(service, last, requested);
			}
			last = this.follower.follow(service, requested.run(), progress);
			if (last.status() != MigrationRunStatus.SUCCEEDED) {
				Trouble trouble = trouble(last);
				return report(trouble, last, inspect(service));
			}
			if (requested.own()) {
				return succeeded(service, last);
			}
		}
	}

	private CommandReport ended(PendingMigrations service, @Nullable MigrationRun last, Request requested) {
		Trouble trouble = requested.trouble();
		boolean restIsLeft = last != null && ALL.equals(this.request.upTo()) && trouble != null
				&& trouble.exitCode() == ExitCode.BLOCKED;
		if (trouble != null && !restIsLeft) {
			return report(trouble, last, inspect(service));
		}
		return (last != null) ? succeeded(service, last) : new CommandReport(CommandMode.APPLY, ExitCode.DONE,
				"Nothing is left to apply.", inspect(service), null);
	}

	private CommandReport succeeded(PendingMigrations service, MigrationRun run) {
		List<FlywayReport> reports = inspect(service).stream().map((report) -> report.run(run)).toList();
		List<PendingMigration> left = ALL.equals(this.request.upTo())
				? reports.stream().flatMap((report) -> report.overview().outstanding().stream()).toList() : List.of();
		String applied = "Applied: "
				+ String.join(", ", run.versions().stream().map((version) -> "P" + version).toList()) + ".";
		return left.isEmpty() ? new CommandReport(CommandMode.APPLY, ExitCode.DONE, applied, reports, null)
				: new CommandReport(CommandMode.APPLY, ExitCode.PENDING_LEFT,
						applied + " Left, because not all of them can be applied now: " + Summary.left(left) + ".",
						reports, null);
	}

	private Trouble trouble(MigrationRun run) {
		MigrationRun.Failure failure = run.failure();
		String message = "Run " + run.id() + " is " + run.status() + "." + ((failure != null) ? " " + failure.kind()
				+ ": " + ((failure.message() != null) ? failure.message() + " " : "") + failure.advice() : "");
		boolean waited = failure != null && List.of("LOCK_TIMEOUT", "DEADLINE_EXCEEDED").contains(failure.kind());
		MigrationRun.Hold hold = run.hold();
		if (run.isHeldByPerson() && hold != null) {
			return Trouble.of(ExitCode.BLOCKED, message + " " + hold.reason()
					+ " Somebody has to use its action 'resume' or 'cancel'; then start this again.");
		}
		boolean ended = run.status().isActive() || run.status() == MigrationRunStatus.CANCELLED;
		String next = run.status().isActive() ? " This process ends; another one that has this release continues it."
				: "";
		ExitCode code = (waited || ended) ? ExitCode.BLOCKED : ExitCode.FAILED;
		return Trouble.of((this.stopped && run.status().isActive()) ? ExitCode.TERMINATED : code, message + next);
	}

	private Request request(PendingMigrations service) {
		Overview overview = service.overview();
		MigrationRun active = overview.activeRun();
		if (active != null || !overview.outstanding().isEmpty()) {
			// Before there is a run, so that none is left behind if that fails
			this.workers.start(service.flywayBean());
		}
		if (active != null) {
			return Request.other(active);
		}
		List<String> outstanding = overview.outstanding()
			.stream()
			.map(PendingMigration::version)
			.collect(Collectors.toCollection(ArrayList::new));
		if (outstanding.isEmpty()) {
			return Request.nothing();
		}
		String upTo = String.valueOf(this.request.upTo());
		Set<MigrationVersion> unknown = overview.lacking(this.request.requiresApproval());
		if (!unknown.isEmpty()) {
			return Request.blocked("'pending-migrations.requires-approval' names " + unknown.iterator().next()
					+ ", and there is no such pending migration. In YAML, write versions in quotes.");
		}
		PendingMigration left = firstLeft(overview, upTo);
		if (left != null) {
			outstanding = outstanding.subList(0, outstanding.indexOf(left.version()));
			if (outstanding.isEmpty() || !ALL.equals(upTo)) {
				return Request.blocked(whyLeft(left));
			}
		}
		if (!ALL.equals(upTo)) {
			return request(service, overview, List.of(upTo));
		}
		// As many as can be applied, in their order
		Collections.reverse(outstanding);
		return request(service, overview, outstanding);
	}

	/**
	 * Return the first one that is not to be applied now. Who says 'all', or names a
	 * later one, has not looked at each; and a job does not wait for a window.
	 */
	private @Nullable PendingMigration firstLeft(Overview overview, String upTo) {
		boolean reviewed = StringUtils.hasText(this.request.plan());
		for (PendingMigration migration : overview.outstanding()) {
			int order = ALL.equals(upTo) ? -1
					: MigrationVersion.fromVersion(migration.version()).compareTo(MigrationVersion.fromVersion(upTo));
			boolean undecided = find(migration, PendingReason.Code.IN_DOUBT).isPresent()
					|| (migration.requiresApproval() && !reviewed);
			if ((order < 0 && undecided)
					|| (order <= 0 && find(migration, PendingReason.Code.OUT_OF_WINDOW).isPresent())) {
				return migration;
			}
		}
		return null;
	}

	private static Optional<PendingReason> find(PendingMigration migration, PendingReason.Code code) {
		return migration.reasons().stream().filter((reason) -> reason.code() == code).findFirst();
	}

	private static String whyLeft(PendingMigration migration) {
		String name = "P" + migration.version() + " " + migration.description();
		PendingReason window = find(migration, PendingReason.Code.OUT_OF_WINDOW).orElse(null);
		if (window != null) {
			return name + ": " + window.message();
		}
		return find(migration, PendingReason.Code.IN_DOUBT)
			.map((doubt) -> name + ": " + doubt.message() + " Here, 'pending-migrations.command.up-to' names it.")
			.orElseGet(() -> name + " requires approval. Name it in 'pending-migrations.command.up-to', or set "
					+ "'pending-migrations.command.plan' to the plan that was reviewed.");
	}

	private Request request(PendingMigrations service, Overview overview, List<String> candidates) {
		String plan = StringUtils.hasText(this.request.plan()) ? this.request.plan() : overview.plan();
		Requester requester = new Requester(String.valueOf(this.request.requestedBy()), "cli",
				String.valueOf(this.request.reason()));
		RequestRefusedException refused = null;
		for (String version : candidates) {
			try {
				return Request.own(service.applyUpTo(plan, version, requester, this.request.force()));
			}
			catch (RequestRefusedException ex) {
				refused = ex;
				if (ex.getCode() == Code.RUN_ACTIVE && ex.getActiveRun() != null) {
					return Request.other(ex.getActiveRun());
				}
				if (ex.getReasons().isEmpty()) {
					break;
				}
			}
		}
		return (refused != null) ? Request.refused(refused) : Request.nothing();
	}

	@SuppressWarnings("IllegalCatch")
	private List<FlywayReport> inspect(PendingMigrations service) {
		try {
			return this.inspection.inspect()
				.stream()
				.filter((report) -> report.name().equals(service.flywayBean()))
				.toList();
		}
		catch (RuntimeException ex) {
			// What was applied is applied, also if it cannot be looked at any more
			logger.warn("The database cannot be looked at now: " + ex);
			return List.of();
		}
	}

	private static CommandReport report(Trouble trouble, @Nullable MigrationRun run, List<FlywayReport> reports) {
		return new CommandReport(CommandMode.APPLY, trouble.exitCode(), trouble.message(),
				reports.stream().map((report) -> report.run(run)).toList(), trouble);
	}

	/**
	 * What came of a request.
	 *
	 * @param run the run to wait for, or {@code null} if there is none
	 * @param own whether it is the one that was requested
	 * @param trouble why there is none, or {@code null} if there is nothing to do
	 */
	private record Request(@Nullable MigrationRun run, boolean own, @Nullable Trouble trouble) {

		static Request own(MigrationRun run) {
			return new Request(run, true, null);
		}

		static Request other(MigrationRun run) {
			return new Request(run, false, null);
		}

		static Request nothing() {
			return new Request(null, false, null);
		}

		static Request blocked(String message) {
			return new Request(null, false, Trouble.of(ExitCode.BLOCKED, message));
		}

		static Request refused(RequestRefusedException refused) {
			return switch (refused.getCode()) {
				case ALREADY_APPLIED -> nothing();
				case UNKNOWN_VERSION, UNKNOWN_RUN, BAD_REQUEST ->
					new Request(null, false, Trouble.of(ExitCode.FAILED, String.valueOf(refused.getMessage())));
				default -> blocked(String.valueOf(refused.getMessage()));
			};
		}

	}

}
