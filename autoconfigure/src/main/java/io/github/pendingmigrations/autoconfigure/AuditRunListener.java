package io.github.pendingmigrations.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.run.RunListener;

import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.context.ApplicationEventPublisher;

/**
 * Publishes how runs end as audit events, with the principal that requested them:
 * {@code MIGRATION_SUCCEEDED}, {@code MIGRATION_FAILED}, {@code MIGRATION_CANCELLED} and
 * {@code MIGRATION_INTERRUPTED}.
 */
class AuditRunListener implements RunListener {

	private final ApplicationEventPublisher events;

	AuditRunListener(ApplicationEventPublisher events) {
		this.events = events;
	}

	@Override
	public void onFinished(String flywayBean, MigrationRun run) {
		Map<String, Object> data = new LinkedHashMap<>();
		data.put("flyway", flywayBean);
		data.put("run", run.id().toString());
		data.put("versions", String.join(",", run.versions()));
		data.put("reason", run.request().reason());
		if (run.failure() != null) {
			data.put("failure", run.failure().kind());
		}
		this.events.publishEvent(new AuditApplicationEvent(
				new AuditEvent(run.request().by(), "MIGRATION_" + run.status().name(), data)));
	}

}
