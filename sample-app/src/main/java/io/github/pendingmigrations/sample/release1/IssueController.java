package io.github.pendingmigrations.sample.release1;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.context.annotation.Profile;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * Issues with a {@code source}.
 */
@RestController
@RequestMapping("/issues")
@Profile("release1")
class IssueController {

	private final JdbcClient jdbc;

	IssueController(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	@GetMapping
	List<Issue> issues() {
		return this.jdbc.sql("select id, title, source from issue order by id").query(Issue.class).list();
	}

	@PostMapping
	@ResponseStatus(HttpStatus.CREATED)
	void create(@RequestBody NewIssue issue) {
		this.jdbc.sql("insert into issue (title, source) values (:title, :source)").paramSource(issue).update();
	}

	record Issue(long id, String title, @Nullable String source) {
	}

	record NewIssue(String title, @Nullable String source) {
	}

}
