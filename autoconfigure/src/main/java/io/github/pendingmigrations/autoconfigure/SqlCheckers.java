package io.github.pendingmigrations.autoconfigure;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.pendingmigrations.check.CheckPolicy;
import io.github.pendingmigrations.check.Impact;
import io.github.pendingmigrations.check.Rule;
import io.github.pendingmigrations.check.SqlChecker;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Creates the checker of SQL from the configuration, with the rules of this library and
 * those that are beans.
 */
final class SqlCheckers {

	private SqlCheckers() {
	}

	static SqlChecker create(PendingMigrationsProperties.Check properties, Iterable<Rule> ruleBeans) {
		Map<String, Rule> rules = new LinkedHashMap<>();
		SqlChecker.rules().forEach((rule) -> rules.put(rule.id(), rule));
		ruleBeans.forEach((rule) -> rules.put(rule.id(), rule));
		properties.getRules().forEach((id, level) -> {
			if (!rules.containsKey(id)) {
				throw new InvalidConfigurationPropertyValueException("pending-migrations.check.rules." + id, level,
						"There is no rule of this name. The rules are: " + String.join(", ", rules.keySet()));
			}
		});
		return new SqlChecker(List.copyOf(rules.values()), policy(properties));
	}

	private static CheckPolicy policy(PendingMigrationsProperties.Check properties) {
		PendingMigrationsProperties.Policy levels = properties.getPolicy();
		CheckPolicy policy = CheckPolicy.defaults()
			.with(Impact.DESTRUCTIVE, levels.getDestructive())
			.with(Impact.INCOMPATIBLE, levels.getIncompatible())
			.with(Impact.UNKNOWN, levels.getUnknown())
			.with(Impact.EXECUTION, levels.getExecution())
			.with(Impact.BLOCKING, levels.getBlocking())
			.with(Impact.DATA_DEPENDENT, levels.getDataDependent());
		for (var entry : properties.getRules().entrySet()) {
			policy = policy.withRule(entry.getKey(), entry.getValue());
		}
		for (var entry : properties.getLocations().entrySet()) {
			policy = policy.withLocation(entry.getKey(), entry.getValue());
		}
		for (var entry : properties.getVersions().entrySet()) {
			policy = policy.withVersion(entry.getKey(), entry.getValue());
		}
		String startAfter = properties.getStartAfter();
		return (startAfter != null) ? policy.startAfter(startAfter) : policy;
	}

}
