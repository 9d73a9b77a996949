package io.github.pendingmigrations.autoconfigure;

import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the configuration metadata that an editor shows.
 */
class ConfigurationMetadataTests {

	@Test
	void everyKeyHasADescription() throws Exception {
		Map<String, String> descriptions = descriptions();
		assertThat(descriptions).hasSizeGreaterThan(10).containsKey("pending-migrations.enabled");
		assertThat(descriptions)
			.allSatisfy((key, description) -> assertThat(description).as(key).isNotBlank().endsWith("."));
	}

	@Test
	void everyKeyIsInTheReadme() throws Exception {
		String readme = java.nio.file.Files.readString(java.nio.file.Path.of("..", "README.md"));
		assertThat(descriptions().keySet()).filteredOn((key) -> key.startsWith("pending-migrations."))
			.allSatisfy((key) -> assertThat(readme).contains(key.substring("pending-migrations.".length())));
	}

	private static Map<String, String> descriptions() throws Exception {
		try (InputStream metadata = PendingMigrationsProperties.class
			.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
			assertThat(metadata).isNotNull();
			Map<String, String> descriptions = new TreeMap<>();
			for (JsonNode property : JsonMapper.shared().readTree(metadata).get("properties")) {
				String name = property.get("name").asString();
				if (name.startsWith("pending-migrations.")) {
					descriptions.put(name, property.path("description").asString(""));
				}
			}
			return descriptions;
		}
	}

}
