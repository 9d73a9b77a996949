package io.github.pendingmigrations.command;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * Finds the file in a repository that a migration was read from, so that a finding is
 * shown where it was written.
 *
 * @param root the folder that becomes the root of the class path
 */
record SourceFiles(String root) {

	static final String DEFAULT_ROOT = "src/main/resources";

	/**
	 * Return the path of a file.
	 * @param location the location, as Flyway tells it
	 * @return the path relative to the working directory, with slashes
	 */
	String pathOf(String location) {
		Path file = path(location);
		if (file != null && Files.isRegularFile(file)) {
			Path working = Path.of("").toAbsolutePath();
			Path absolute = file.toAbsolutePath().normalize();
			return slashes(absolute.startsWith(working) ? working.relativize(absolute) : absolute);
		}
		String folder = this.root.replace('\\', '/').replaceAll("/+$", "");
		return folder.isEmpty() ? location : folder + "/" + location;
	}

	/**
	 * Return the address of a file.
	 * @param location the location, as Flyway tells it
	 * @return the address relative to the working directory, or an absolute one
	 */
	String uriOf(String location) {
		String path = pathOf(location);
		try {
			return Path.of(path).isAbsolute() ? Path.of(path).toUri().toString()
					: new URI(null, null, path, null).toASCIIString();
		}
		catch (URISyntaxException | InvalidPathException ex) {
			return URLEncoder.encode(path, StandardCharsets.UTF_8).replace("+", "%20").replace("%2F", "/");
		}
	}

	private static @Nullable Path path(String location) {
		try {
			return Path.of(location);
		}
		catch (InvalidPathException ex) {
			return null;
		}
	}

	private static String slashes(Path path) {
		return path.toString().replace('\\', '/');
	}

}
