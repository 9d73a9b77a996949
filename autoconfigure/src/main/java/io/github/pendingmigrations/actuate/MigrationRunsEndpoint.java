package io.github.pendingmigrations.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

import io.github.pendingmigrations.Force;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Blocker;
import io.github.pendingmigrations.MigrationRun.Contention;
import io.github.pendingmigrations.MigrationRun.Failure;
import io.github.pendingmigrations.MigrationRun.Hold;
import io.github.pendingmigrations.MigrationRun.Lease;
import io.github.pendingmigrations.MigrationRun.Position;
import io.github.pendingmigrations.MigrationRun.Request;
import io.github.pendingmigrations.MigrationRunEvent;
import io.github.pendingmigrations.MigrationRunPhase;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigration;
import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.PendingMigrations.RunQuery;
import io.github.pendingmigrations.PendingMigrationsRegistry;
import io.github.pendingmigrations.RequestRefusedException;
import io.github.pendingmigrations.actuate.FlywayBeans.FoundRun;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.context.annotation.ImportRuntimeHints;

/**
 * {@link Endpoint @Endpoint} to follow the runs that apply pending migrations. They are
 * changed through its web extension only, so that JMX, which knows no users, cannot.
 *
 * @since 0.1.0
 */
@Endpoint(id = "migrationruns", defaultAccess = Access.READ_ONLY)
@ImportRuntimeHints(ActuateRuntimeHints.class)
public class MigrationRunsEndpoint {

	private static final Comparator<MigrationRunDescriptor> NEWEST_FIRST = Comparator
		.comparing(MigrationRunDescriptor::requestedAt)
		.reversed();

	private final FlywayBeans flywayBeans;

	private final ShowSql showSql;

	/**
	 * Create the endpoint.
	 * @param registry the services
	 * @param showSql when the text of SQL statements is shown
	 */
	public MigrationRunsEndpoint(PendingMigrationsRegistry registry, ShowSql showSql) {
		this.flywayBeans = new FlywayBeans(registry);
		this.showSql = showSql;
	}

	@ReadOperation
	public MigrationRunsDescriptor migrationRuns(@Nullable String status, @Nullable String version,
			@Nullable String page, @Nullable String size) {
		return valid(() -> find(status, version, page, size));
	}

	@ReadOperation
	public @Nullable MigrationRunDescriptor migrationRun(@Selector String id) {
		try {
			return find(id, false);
		}
		catch (RequestRefusedException ex) {
			return null;
		}
	}

	MigrationRunsDescriptor find(@Nullable String status, @Nullable String version, @Nullable String page,
			@Nullable String size) {
		MigrationRunStatus runStatus = Arguments.status(status);
		int pageNumber = Arguments.page(page);
		int pageSize = Arguments.size(size);
		int offset = pageNumber * pageSize;
		// One more than the page holds tells whether there is another page
		List<MigrationRunDescriptor> runs = new ArrayList<>();
		for (PendingMigrations service : this.flywayBeans.all().values()) {
			RunQuery query = new RunQuery(runStatus, (version != null) ? normalize(service, version) : null, 0,
					offset + pageSize + 1);
			service.runs(query)
				.stream()
				.map((run) -> MigrationRunDescriptor.of(run, service.flywayBean()))
				.forEach(runs::add);
		}
		// The sort is stable: it keeps the order that each database has given to its own
		runs.sort(NEWEST_FIRST);
		return new MigrationRunsDescriptor(runs.stream().skip(offset).limit(pageSize).toList(), pageNumber, pageSize,
				runs.size() > offset + pageSize);
	}

	MigrationRunDescriptor find(String id, boolean authorized) {
		FoundRun found = this.flywayBeans.findRun(id);
		List<EventDescriptor> events = found.service()
			.events(found.run().id())
			.stream()
			.map(EventDescriptor::of)
			.toList();
		return MigrationRunDescriptor.of(found.run(), found.service().flywayBean(), events,
				this.showSql.isShown(authorized));
	}

	FlywayBeans flywayBeans() {
		return this.flywayBeans;
	}

	private static String normalize(PendingMigrations service, String version) {
		return service.find(version).map(PendingMigration::version).orElse(version);
	}

	private static <T> T valid(Supplier<T> read) {
		try {
			return read.get();
		}
		catch (RequestRefusedException ex) {
			throw new InvalidEndpointRequestException(String.valueOf(ex.getMessage()), ex.getMessage(), ex);
		}
	}

	/**
	 * Description of a page of runs.
	 *
	 * @param runs the runs, newest first
	 * @param page the number of the page, counted from 0
	 * @param size how many runs a page holds at most
	 * @param more whether there is another page
	 */
	public record MigrationRunsDescriptor(List<MigrationRunDescriptor> runs, int page, int size,
			boolean more) implements OperationResponseBody {
	}

	/**
	 * Description of a run.
	 *
	 * @param id the id
	 * @param flyway the name of the Flyway bean
	 * @param parent the run that this one retries
	 * @param status the status
	 * @param phase what it does
	 * @param requestedBy who asked for it
	 * @param requestedVia the way that the request came
	 * @param requestedAt when
	 * @param reason why
	 * @param force what was overridden
	 * @param versions the versions that it applies, in order
	 * @param version the version that it is at
	 * @param attempt the number of the attempt
	 * @param statement the number of the statement that it is at
	 * @param statements how many statements the migration has
	 * @param done how much a Java migration has reported as done, or how many rows have
	 * been changed in batches
	 * @param total how much a Java migration has reported as its total
	 * @param batches how many batches have taken effect
	 * @param hold why it is held, or is to be
	 * @param nextAttemptAt when the next attempt starts
	 * @param deadlineAt when it gives up
	 * @param waited the time spent in lock queues
	 * @param executed the time spent executing
	 * @param maxBlockedSessions how many sessions waited for it at once, at most
	 * @param longestBlocked how long the longest of them waited
	 * @param blockers who stands in its way
	 * @param owner the instance that executes it
	 * @param heartbeatAt when that instance was last heard of
	 * @param databaseSession the session that executes
	 * @param failure why it failed
	 * @param applicationVersion the version of the application that executes it
	 * @param applicationCommit the commit that it was built from
	 * @param startedAt when a worker first took it
	 * @param finishedAt when it ended
	 * @param events its events, if it is the only one that was asked for
	 */
	public record MigrationRunDescriptor(UUID id, @Nullable String flyway, @Nullable UUID parent,
			MigrationRunStatus status, @Nullable MigrationRunPhase phase, String requestedBy, String requestedVia,
			Instant requestedAt, String reason, @Nullable Force force, List<String> versions, @Nullable String version,
			@Nullable Integer attempt, @Nullable Integer statement, @Nullable Integer statements, @Nullable Long done,
			@Nullable Long total, @Nullable Integer batches, @Nullable HoldDescriptor hold,
			@Nullable Instant nextAttemptAt, @Nullable Instant deadlineAt, Duration waited, Duration executed,
			@Nullable Integer maxBlockedSessions, @Nullable Duration longestBlocked, List<BlockerDescriptor> blockers,
			@Nullable String owner, @Nullable Instant heartbeatAt, @Nullable String databaseSession,
			@Nullable FailureDescriptor failure, @Nullable String applicationVersion,
			@Nullable String applicationCommit, @Nullable Instant startedAt, @Nullable Instant finishedAt,
			@Nullable List<EventDescriptor> events) implements OperationResponseBody {

		static MigrationRunDescriptor of(MigrationRun run, @Nullable String flyway) {
			return of(run, flyway, null, false);
		}

		static MigrationRunDescriptor of(MigrationRun run, @Nullable String flyway,
				@Nullable List<EventDescriptor> events, boolean sql) {
			Request request = run.request();
			Position position = run.position();
			Contention contention = run.contention();
			Lease lease = run.lease();
			Failure failure = run.failure();
			boolean progress = position.done() > 0 || position.total() > 0;
			boolean blocked = contention.maxBlockedSessions() > 0;
			return new MigrationRunDescriptor(run.id(), flyway, run.parentId(), run.status(), run.phase(), request.by(),
					request.via(), request.at(), request.reason(),
					(request.force() != Force.NONE) ? request.force() : null, run.versions(), position.version(),
					nonZero(position.attempt()), nonZero(position.statement()), nonZero(position.statements()),
					(progress) ? position.done() : null, (position.total() > 0) ? position.total() : null,
					nonZero(position.batches()), HoldDescriptor.of(run.hold()), position.nextAttemptAt(),
					position.deadlineAt(), contention.waited(), contention.executed(),
					nonZero(contention.maxBlockedSessions()), (blocked) ? contention.longestBlocked() : null,
					contention.blockers().stream().map((blocker) -> BlockerDescriptor.of(blocker, sql)).toList(),
					(lease != null) ? lease.owner() : null, (lease != null) ? lease.heartbeatAt() : null,
					(lease != null) ? lease.databaseSession() : null,
					(failure != null) ? FailureDescriptor.of(failure) : null, run.applicationVersion(),
					run.applicationCommit(), run.startedAt(), run.finishedAt(), events);
		}

		private static @Nullable Integer nonZero(int number) {
			return (number != 0) ? number : null;
		}

	}

	/**
	 * Description of why a run is held.
	 *
	 * @param reason the reason
	 * @param until when it goes on by itself, if it does
	 */
	public record HoldDescriptor(String reason, @Nullable Instant until) {

		static @Nullable HoldDescriptor of(@Nullable Hold hold) {
			return (hold != null) ? new HoldDescriptor(hold.reason(), hold.until()) : null;
		}

	}

	/**
	 * Description of a session that stands in the way.
	 *
	 * @param session the id of the session
	 * @param user the database user
	 * @param application the name that the session gave itself
	 * @param state what it does
	 * @param age how long its transaction has been open
	 * @param query what it executes or executed last, if SQL is shown
	 */
	public record BlockerDescriptor(long session, @Nullable String user, @Nullable String application,
			@Nullable String state, @Nullable Duration age, @Nullable String query) {

		static BlockerDescriptor of(Blocker blocker, boolean sql) {
			return new BlockerDescriptor(blocker.session(), blocker.user(), blocker.application(), blocker.state(),
					blocker.age(), sql ? blocker.query() : null);
		}

	}

	/**
	 * Description of a failure.
	 *
	 * @param kind the kind of failure
	 * @param errorClass the class of the exception
	 * @param sqlState the SQLSTATE
	 * @param vendorCode the error code of the database
	 * @param message the message of the database
	 * @param version the version that failed
	 * @param statement the number of the failed statement
	 * @param line its line in the script
	 * @param advice what took effect, what did not and what to do next
	 */
	public record FailureDescriptor(String kind, @Nullable String errorClass, @Nullable String sqlState,
			@Nullable Integer vendorCode, @Nullable String message, @Nullable String version,
			@Nullable Integer statement, @Nullable Integer line, String advice) {

		static FailureDescriptor of(Failure failure) {
			return new FailureDescriptor(failure.kind(), failure.errorClass(), failure.sqlState(), failure.vendorCode(),
					failure.message(), failure.version(), MigrationRunDescriptor.nonZero(failure.statement()),
					MigrationRunDescriptor.nonZero(failure.line()), failure.advice());
		}

	}

	/**
	 * Description of something that happened to a run.
	 *
	 * @param sequence its number within the run
	 * @param at when
	 * @param type the type
	 * @param detail what happened, for people
	 */
	public record EventDescriptor(int sequence, Instant at, MigrationRunEvent.Type type, String detail) {

		static EventDescriptor of(MigrationRunEvent event) {
			return new EventDescriptor(event.sequence(), event.at(), event.type(), event.detail());
		}

	}

}
