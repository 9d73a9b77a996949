package io.github.pendingmigrations.jdbc;

import java.util.List;

import io.github.pendingmigrations.MigrationRun.Blocker;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes the sessions that stand in the way of a run as JSON.
 */
final class BlockersFormat {

	/** More of them tell a person nothing new. */
	private static final int MAX_BLOCKERS = 50;

	private static final JsonMapper MAPPER = JsonMapper.builder()
		.disable(DateTimeFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
		.disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
		.build();

	private BlockersFormat() {
	}

	static @Nullable String write(List<Blocker> blockers) {
		return blockers.isEmpty() ? null
				: MAPPER.writeValueAsString(blockers.subList(0, Math.min(blockers.size(), MAX_BLOCKERS)));
	}

	static List<Blocker> read(@Nullable String json) {
		if (json == null) {
			return List.of();
		}
		try {
			return List.of(MAPPER.readValue(json, Blocker[].class));
		}
		catch (JacksonException ex) {
			// written by another version of this library
			return List.of();
		}
	}

}
