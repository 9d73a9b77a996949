package io.github.pendingmigrations.sample.release2;

import java.util.List;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import org.springframework.context.annotation.Profile;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * Issues with an {@code origin}. As long as the column {@code source} exists, instances
 * of release 1 may be running: what they write is read, and what they read is written.
 */
@RestController
@RequestMapping("/issues")
@Profile("!release1")
class IssueController {

	private final JdbcClient jdbc;

	private volatile boolean sourceExists = true;

	IssueController(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	@GetMapping
	List<Issue> issues() {
		return execute("select id, title, coalesce(origin, source) as origin from issue order by id",
				"select id, title, origin from issue order by id", (statement) -> statement.query(Issue.class).list());
	}

	@PostMapping
	@ResponseStatus(HttpStatus.CREATED)
	void create(@RequestBody NewIssue issue) {
		execute("insert into issue (title, origin, source) values (:title, :origin, :origin)",
				"insert into issue (title, origin) values (:title, :origin)",
				(statement) -> statement.paramSource(issue).update());
	}

	/**
	 * Execute a statement. The column disappears while this runs, so trying is the only
	 * way to know that does not race with it.
	 */
	private <T> T execute(String withSource, String withoutSource, Function<StatementSpec, T> action) {
		if (this.sourceExists) {
			try {
				return action.apply(this.jdbc.sql(withSource));
			}
			catch (BadSqlGrammarException ex) {
				T result = action.apply(this.jdbc.sql(withoutSource));
				this.sourceExists = false;
				return result;
			}
		}
		return action.apply(this.jdbc.sql(withoutSource));
	}

	record Issue(long id, String title, @Nullable String origin) {
	}

	record NewIssue(String title, @Nullable String origin) {
	}

}
