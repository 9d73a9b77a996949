package io.github.pendingmigrations.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;

import io.github.pendingmigrations.ApplicationInstance;
import io.github.pendingmigrations.MigrationFinding;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.PendingMigration;
import io.github.pendingmigrations.PendingMigration.Application;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.PendingMigration.Origin;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.PendingMigrationType;
import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.PendingMigrations.Overview;
import io.github.pendingmigrations.PendingMigrations.Statement;
import io.github.pendingmigrations.PendingMigrationsRegistry;
import io.github.pendingmigrations.PendingReason;
import io.github.pendingmigrations.PointOfNoReturn;
import io.github.pendingmigrations.Preflight;
import io.github.pendingmigrations.Preflight.StatementLock;
import io.github.pendingmigrations.RequestRefusedException;
import io.github.pendingmigrations.RequestRefusedException.Code;
import io.github.pendingmigrations.Rollout;
import io.github.pendingmigrations.actuate.MigrationRunsEndpoint.EventDescriptor;
import io.github.pendingmigrations.actuate.MigrationRunsEndpoint.MigrationRunDescriptor;
import io.github.pendingmigrations.actuate.PreflightDescriptor.LockDescriptor;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.context.annotation.ImportRuntimeHints;

/**
 * {@link Endpoint @Endpoint} to list pending migrations. They are applied through its web
 * extension only, so that JMX, which knows no users, cannot.
 *
 * @since 0.1.0
 */
@Endpoint(id = "pendingmigrations", defaultAccess = Access.READ_ONLY)
@ImportRuntimeHints(ActuateRuntimeHints.class)
public class PendingMigrationsEndpoint {

	private final FlywayBeans flywayBeans;

	private final Findings findings;

	private final ShowSql showSql;

	/**
	 * Create the endpoint.
	 * @param registry the services
	 * @param showSql when the text of SQL statements is shown
	 */
	public PendingMigrationsEndpoint(PendingMigrationsRegistry registry, ShowSql showSql) {
		this.flywayBeans = new FlywayBeans(registry);
		this.findings = new Findings(registry);
		this.showSql = showSql;
	}

	@ReadOperation
	public PendingMigrationsDescriptor pendingMigrations() {
		Map<String, FlywayBeanDescriptor> descriptors = new LinkedHashMap<>();
		this.flywayBeans.all()
			.forEach((name, service) -> descriptors.put(name,
					FlywayBeanDescriptor.of(service.overview(), name, this.findings.of(name))));
		return new PendingMigrationsDescriptor(descriptors);
	}

	@ReadOperation
	public @Nullable MigrationDescriptor pendingMigration(@Selector String version, @Nullable String flyway) {
		try {
			return pendingMigration(version, flyway, false);
		}
		catch (RequestRefusedException ex) {
			if (ex.getCode() == Code.UNKNOWN_VERSION) {
				return null;
			}
			throw new InvalidEndpointRequestException(String.valueOf(ex.getMessage()), ex.getMessage(), ex);
		}
	}

	MigrationDescriptor pendingMigration(String version, @Nullable String flyway, boolean authorized) {
		PendingMigrations service = this.flywayBeans.select(flyway);
		PendingMigration migration = service.find(version)
			.orElseThrow(() -> new RequestRefusedException(Code.UNKNOWN_VERSION,
					"There is no pending migration '" + version + "'"));
		boolean sql = this.showSql.isShown(authorized);
		Preflight preflight = service.preflight(migration.version()).orElse(null);
		List<FindingDescriptor> findings = this.findings.of(service.flywayBean()).apply(migration);
		List<Statement> parsed = service.statements(migration.version());
		List<StatementDescriptor> statements = new ArrayList<>();
		for (int i = 0; i < parsed.size(); i++) {
			int from = parsed.get(i).line();
			int to = (i + 1 < parsed.size()) ? parsed.get(i + 1).line() : Integer.MAX_VALUE;
			statements.add(StatementDescriptor.of(parsed.get(i), sql, preflight,
					findings.stream()
						.filter((finding) -> finding.line() >= from && (finding.line() < to || finding.line() == from))
						.toList()));
		}
		UUID lastRunId = migration.lastRunId();
		List<EventDescriptor> events = (lastRunId != null)
				? service.events(lastRunId).stream().map(EventDescriptor::of).toList() : List.of();
		return MigrationDescriptor.of(migration, findings, statements, events,
				(preflight != null) ? PreflightDescriptor.of(preflight, sql) : null);
	}

	FlywayBeans flywayBeans() {
		return this.flywayBeans;
	}

	/**
	 * Description of the pending migrations of all Flyway beans.
	 *
	 * @param flywayBeans the descriptions by the name of their Flyway bean
	 */
	public record PendingMigrationsDescriptor(
			Map<String, FlywayBeanDescriptor> flywayBeans) implements OperationResponseBody {
	}

	/**
	 * Description of the pending migrations of one Flyway bean.
	 *
	 * @param plan the hash over the outstanding ones
	 * @param pending how many are outstanding
	 * @param nothingPending whether none is
	 * @param migrations all that are known, in version order
	 * @param activeRun the run that occupies the database
	 * @param lastRun the newest run that has ended
	 * @param instances the instances of the application that are alive
	 * @param pointOfNoReturn below which release the application cannot be rolled back
	 */
	public record FlywayBeanDescriptor(String plan, int pending, boolean nothingPending,
			List<MigrationDescriptor> migrations, @Nullable MigrationRunDescriptor activeRun,
			@Nullable MigrationRunDescriptor lastRun, List<InstanceDescriptor> instances,
			@Nullable PointOfNoReturn pointOfNoReturn) {

		static FlywayBeanDescriptor of(Overview overview, String flyway,
				Function<PendingMigration, List<FindingDescriptor>> findings) {
			int pending = overview.outstanding().size();
			return new FlywayBeanDescriptor(overview.plan(), pending, pending == 0, overview.migrations()
				.stream()
				.map((migration) -> MigrationDescriptor.of(migration,
						migration.state().isOutstanding() ? findings.apply(migration) : List.of(), null, null, null))
				.toList(), describe(overview.activeRun(), flyway), describe(overview.lastRun(), flyway),
					overview.members().stream().map(InstanceDescriptor::of).toList(), overview.pointOfNoReturn());
		}

		private static @Nullable MigrationRunDescriptor describe(@Nullable MigrationRun run, String flyway) {
			return (run != null) ? MigrationRunDescriptor.of(run, flyway) : null;
		}

	}

	/**
	 * Description of an instance of the application that is alive.
	 *
	 * @param id the id
	 * @param applicationVersion the version of the application
	 * @param newestVersion the newest migration that it has, of either kind
	 * @param startedAt when it started
	 * @param lastSeenAt when it was last heard of
	 * @param knowsAll whether it knows every migration that waits
	 * @param lacks the versions of those that it does not know
	 */
	public record InstanceDescriptor(String id, @Nullable String applicationVersion, @Nullable String newestVersion,
			Instant startedAt, Instant lastSeenAt, boolean knowsAll, @Nullable List<String> lacks) {

		static InstanceDescriptor of(Rollout.Member member) {
			ApplicationInstance instance = member.instance();
			return new InstanceDescriptor(instance.id(), instance.applicationVersion(), instance.newestVersion(),
					instance.startedAt(), instance.lastSeenAt(), member.knowsAll(),
					(member.knowsAll()) ? null : member.lacks());
		}

	}

	/**
	 * Description of a pending migration.
	 *
	 * @param version the version
	 * @param description the description from its name
	 * @param script the path of the script, or the name of the Java class
	 * @param type how it is written
	 * @param checksum the checksum that a request to apply it has to carry
	 * @param state the state
	 * @param reasons why it cannot be applied yet
	 * @param purpose why it exists
	 * @param requiresApproval whether only a person may request it
	 * @param firstSeenAt when an instance first registered it
	 * @param firstSeenApplicationVersion the version of the application that did
	 * @param rolledOutAt when no instance was alive any more that did not know it
	 * @param findings what the checker says about its statements
	 * @param applied how it was applied
	 * @param checkpoint how far an unfinished execution got
	 * @param lastRun the id of the last run that tried to apply it
	 * @param statements its statements, if it is the only one that was asked for
	 * @param events the events of its last run, if it is the only one that was asked for
	 * @param preflight what it would meet if it ran now, if it is the only one that was
	 * asked for and has not been applied
	 */
	public record MigrationDescriptor(String version, String description, String script, PendingMigrationType type,
			@Nullable Integer checksum, PendingMigrationState state, List<ReasonDescriptor> reasons,
			@Nullable String purpose, @Nullable Boolean requiresApproval, @Nullable Instant firstSeenAt,
			@Nullable String firstSeenApplicationVersion, @Nullable Instant rolledOutAt,
			List<FindingDescriptor> findings, @Nullable AppliedDescriptor applied,
			@Nullable CheckpointDescriptor checkpoint, @Nullable UUID lastRun,
			@Nullable List<StatementDescriptor> statements, @Nullable List<EventDescriptor> events,
			@Nullable PreflightDescriptor preflight) implements OperationResponseBody {

		static MigrationDescriptor of(PendingMigration migration, List<FindingDescriptor> findings,
				@Nullable List<StatementDescriptor> statements, @Nullable List<EventDescriptor> events,
				@Nullable PreflightDescriptor preflight) {
			Application application = migration.application();
			Checkpoint checkpoint = migration.checkpoint();
			return new MigrationDescriptor(migration.version(), migration.description(), migration.script(),
					migration.type(), migration.checksum(), migration.state(),
					migration.reasons().stream().map(ReasonDescriptor::of).toList(), migration.purpose(),
					migration.requiresApproval() ? true : null, migration.firstSeenAt(),
					migration.firstSeenApplicationVersion(), migration.rolledOutAt(), findings,
					(application != null) ? AppliedDescriptor.of(application) : null, (checkpoint != null)
							? new CheckpointDescriptor(checkpoint.statementsDone(), checkpoint.inDoubt()) : null,
					migration.lastRunId(), statements, events, preflight);
		}

	}

	/**
	 * Description of a reason why a migration cannot be applied yet.
	 *
	 * @param code the kind of obstacle
	 * @param message the obstacle and what to do about it, for people
	 * @param by the versions that stand in the way, or the instances
	 * @param until when the obstacle goes away by itself
	 */
	public record ReasonDescriptor(PendingReason.Code code, String message, @Nullable List<String> by,
			@Nullable Instant until) {

		static ReasonDescriptor of(PendingReason reason) {
			return new ReasonDescriptor(reason.code(), reason.message(), (reason.by().isEmpty()) ? null : reason.by(),
					reason.until());
		}

	}

	/**
	 * Description of what the checker says about a statement.
	 *
	 * @param rule the rule
	 * @param impact what makes it unsafe
	 * @param severity how much it weighs: {@code fail}, {@code warn} or {@code info}
	 * @param line the line in the script
	 * @param object the object of the database
	 * @param message the explanation, for people
	 */
	public record FindingDescriptor(String rule, String impact, String severity, int line, @Nullable String object,
			String message) {

		static FindingDescriptor of(MigrationFinding finding) {
			return new FindingDescriptor(finding.rule(), finding.impact(), finding.severity().id(), finding.line(),
					finding.object().isEmpty() ? null : finding.object(), finding.message());
		}

	}

	/**
	 * Description of how a migration was applied.
	 *
	 * @param at when
	 * @param by who asked for it
	 * @param origin where the entry came from
	 * @param runId the run
	 * @param executionTime how long its statements took
	 * @param statements how many statements were executed
	 * @param reason the reason that was given
	 * @param applicationVersion the version of the application that applied it
	 */
	public record AppliedDescriptor(Instant at, String by, Origin origin, @Nullable UUID runId, Duration executionTime,
			int statements, @Nullable String reason, @Nullable String applicationVersion) {

		static AppliedDescriptor of(Application application) {
			return new AppliedDescriptor(application.at(), application.by(), application.origin(), application.runId(),
					application.executionTime(), application.statements(), application.reason(),
					application.applicationVersion());
		}

	}

	/**
	 * Description of how far an unfinished execution got.
	 *
	 * @param statementsDone how many statements have taken effect
	 * @param inDoubt whether the outcome of the next one is not known
	 */
	public record CheckpointDescriptor(int statementsDone, boolean inDoubt) {
	}

	/**
	 * Description of a statement.
	 *
	 * @param number its number
	 * @param line its line in the script
	 * @param sql its text, if it may be shown
	 * @param inTransaction whether it can run in a transaction
	 * @param understood whether it is known what it locks, if it has not been executed
	 * @param locks the locks that it takes, if it has not been executed
	 * @param findings what the checker says about it
	 */
	public record StatementDescriptor(int number, int line, @Nullable String sql, boolean inTransaction,
			@Nullable Boolean understood, @Nullable List<LockDescriptor> locks, List<FindingDescriptor> findings) {

		static StatementDescriptor of(Statement statement, boolean sql, @Nullable Preflight preflight,
				List<FindingDescriptor> findings) {
			StatementLock locks = (preflight != null) ? preflight.statements()
				.stream()
				.filter((candidate) -> candidate.number() == statement.number())
				.findFirst()
				.orElse(null) : null;
			return new StatementDescriptor(statement.number(), statement.line(), (sql) ? statement.sql() : null,
					statement.inTransaction(), (locks != null) ? locks.understood() : null,
					(locks != null) ? locks.locks().stream().map(LockDescriptor::of).toList() : null, findings);
		}

	}

}
