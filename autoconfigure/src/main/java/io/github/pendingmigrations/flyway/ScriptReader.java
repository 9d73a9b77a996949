package io.github.pendingmigrations.flyway;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.lang.reflect.Modifier;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;

import io.github.pendingmigrations.InvalidPendingMigrationException;
import io.github.pendingmigrations.InvalidPendingMigrationException.Problem;
import io.github.pendingmigrations.PendingJavaMigration;
import io.github.pendingmigrations.PendingMigrationType;
import io.github.pendingmigrations.PendingMigrations.Statement;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.PendingScript.JavaBody;
import io.github.pendingmigrations.PendingScript.SqlBody;
import io.github.pendingmigrations.ScriptDirectives;
import io.github.pendingmigrations.flyway.FlywayInternals.UnsupportedStatementException;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.migration.JavaMigration;
import org.flywaydb.core.api.resolver.MigrationResolver;
import org.flywaydb.core.api.resource.LoadableResource;
import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;
import org.springframework.util.FileCopyUtils;

/**
 * Reads pending migrations from what Flyway found in its locations, so that there is one
 * scan, with Flyway's encoding, suffixes, separator and placeholders.
 */
class ScriptReader {

	private static final String CLASS_SUFFIX = ".class";

	private final String prefix;

	private final JavaMigrationBeans beans;

	ScriptReader(String prefix, JavaMigrationBeans beans) {
		this.prefix = prefix;
		this.beans = beans;
	}

	String prefix() {
		return this.prefix;
	}

	/**
	 * Read everything.
	 * @param context what Flyway found
	 * @return the scripts in version order
	 * @throws InvalidPendingMigrationException naming everything that is wrong
	 */
	List<PendingScript> read(MigrationResolver.Context context) {
		List<Problem> problems = new ArrayList<>();
		Configuration configuration = context.configuration;
		if (this.prefix.equals(configuration.getSqlMigrationPrefix())
				|| this.prefix.equals(configuration.getRepeatableSqlMigrationPrefix())) {
			throw new InvalidPendingMigrationException(List.of(new Problem("pending-migrations.sql-prefix", 0,
					"'" + this.prefix + "' is also a prefix of Flyway", "choose another one, such as 'P'.")));
		}
		List<PendingScript> scripts = new ArrayList<>();
		for (LoadableResource resource : resources(context, this.prefix.substring(0, 1))) {
			addSql(context, resource, scripts, problems);
		}
		for (Class<? extends PendingJavaMigration> type : javaTypes(context)) {
			addJava(type, configuration, scripts, problems);
		}
		Map<MigrationVersion, PendingScript> byVersion = new TreeMap<>();
		for (PendingScript script : scripts) {
			PendingScript other = byVersion.putIfAbsent(script.version(), script);
			if (other != null) {
				problems.add(new Problem(script.location(), 0,
						"has the version " + script.versionText() + ", and so has " + other.location(),
						"give one of them another version; what belongs together goes into one file."));
			}
		}
		if (!problems.isEmpty()) {
			throw new InvalidPendingMigrationException(problems);
		}
		return List.copyOf(byVersion.values());
	}

	/**
	 * Return the versioned migrations in this application.
	 * @param context what Flyway found
	 * @return the migrations by version, in order
	 */
	SortedMap<MigrationVersion, VersionedMigration> versioned(MigrationResolver.Context context) {
		Configuration configuration = context.configuration;
		SortedMap<MigrationVersion, VersionedMigration> versioned = new TreeMap<>();
		if (configuration.isSkipDefaultResolvers()) {
			return versioned;
		}
		String versionedPrefix = configuration.getSqlMigrationPrefix();
		for (LoadableResource resource : context.resourceProvider.getResources(versionedPrefix,
				configuration.getSqlMigrationSuffixes())) {
			ScriptName name = ScriptName.parse(nameOf(resource, configuration), versionedPrefix,
					configuration.getSqlMigrationSeparator());
			if (name != null) {
				versioned.put(name.version(), new VersionedMigration(resource.getAbsolutePath(), resource));
			}
		}
		for (LoadableResource resource : context.resourceProvider.getResources("V", new String[] { CLASS_SUFFIX })) {
			ScriptName name = ScriptName.parse(simpleName(resource), "V", "__");
			if (name != null) {
				versioned.put(name.version(), new VersionedMigration(resource.getAbsolutePath(), null));
			}
		}
		for (JavaMigration migration : configuration.getJavaMigrations()) {
			if (migration.getVersion() != null) {
				versioned.put(migration.getVersion(), new VersionedMigration(migration.getClass().getName(), null));
			}
		}
		return versioned;
	}

	private void addSql(MigrationResolver.Context context, LoadableResource resource, List<PendingScript> scripts,
			List<Problem> problems) {
		Configuration configuration = context.configuration;
		String location = resource.getAbsolutePath();
		String name = nameOf(resource, configuration);
		String separator = configuration.getSqlMigrationSeparator();
		ScriptName parsed = ScriptName.parse(name, this.prefix, separator);
		if (parsed == null) {
			if (ScriptName.looksIntended(name, this.prefix, separator)) {
				problems.add(ScriptName.invalid(location, name, this.prefix, separator,
						resource.getFilename().substring(name.length())));
			}
			return;
		}
		try {
			String text = text(resource);
			ScriptDirectives directives = DirectiveParser.parsePending(location, text, this.prefix,
					configuration.getSqlMigrationPrefix(), problems);
			int checksum = FlywayInternals.checksum(text);
			PendingScript script = new PendingScript(parsed.version(), parsed.description(), location,
					PendingMigrationType.SQL, checksum, directives,
					() -> loadSql(context, resource, checksum, directives));
			if (directives.repeat() != null) {
				script.load();
			}
			scripts.add(script);
		}
		catch (InvalidPendingMigrationException ex) {
			problems.addAll(ex.getProblems());
		}
		catch (IOException | FlywayException ex) {
			problems.add(unreadable(location, configuration, ex));
		}
	}

	static Problem unreadable(String location, Configuration configuration, Exception ex) {
		if (ex instanceof CharacterCodingException || ex.getCause() instanceof CharacterCodingException) {
			return new Problem(location, 0, "is not encoded as " + configuration.getEncoding(), "save it as "
					+ configuration.getEncoding() + ", or name its encoding in 'spring.flyway.encoding'.");
		}
		return new Problem(location, 0, "cannot be read: " + ex.getMessage(),
				"make it readable for the user that runs the application.");
	}

	private SqlBody loadSql(MigrationResolver.Context context, LoadableResource resource, int checksum,
			ScriptDirectives directives) {
		String location = resource.getAbsolutePath();
		try {
			String text = text(resource);
			if (FlywayInternals.checksum(text) != checksum) {
				throw invalid(location, 0, "was changed after it was listed", "list it again and review the change.",
						null);
			}
			SqlBody body = FlywayInternals.parse(context, resource, text);
			if (directives.repeat() != null) {
				requireRepeatable(location, body);
				return new SqlBody(body.statements(), false);
			}
			boolean inTransaction = (directives.transaction() != null) ? directives.transaction()
					: body.inTransaction();
			if (inTransaction) {
				requireTransactional(location, body);
			}
			else if (directives.transaction() == null && !context.configuration.isMixed()) {
				requireNotMixed(location, body);
			}
			boolean asked = Boolean.TRUE.equals(directives.transaction());
			return asked ? new SqlBody(body.statements(), true) : withValidationsByThemselves(body, inTransaction);
		}
		catch (UnsupportedStatementException ex) {
			throw invalid(location, ex.getLine(), ex.getMessage(), "load the data with INSERT, or in a Java migration.",
					ex);
		}
		catch (IOException | FlywayException ex) {
			throw invalid(location, 0, "cannot be split into statements: " + ex.getMessage(),
					"correct the script: Flyway's own parser reads it.", ex);
		}
	}

	private static void requireTransactional(String location, SqlBody body) {
		body.statements().stream().filter((statement) -> !statement.inTransaction()).findFirst().ifPresent((first) -> {
			throw invalid(location, first.line(), "has 'transaction=true' and a statement that cannot run in one",
					"remove the directive or move the statement into a pending migration of its own.", null);
		});
	}

	private static void requireRepeatable(String location, SqlBody body) {
		List<Problem> problems = new ArrayList<>();
		for (Statement statement : body.statements()) {
			String obstacle = RepeatedStatement.obstacle(statement);
			if (obstacle != null) {
				problems.add(new Problem(location, statement.line(), obstacle,
						"move it into a pending migration of its own, without 'repeat', or correct it."));
			}
		}
		if (body.statements().isEmpty()) {
			problems.add(new Problem(location, 0, "has 'repeat=until-no-rows' and no statement", "add it."));
		}
		if (!problems.isEmpty()) {
			throw new InvalidPendingMigrationException(problems);
		}
	}

	/**
	 * A validation takes as long as it takes, and all the while the locks of the
	 * statements before it in its transaction would be held.
	 */
	private static SqlBody withValidationsByThemselves(SqlBody body, boolean inTransaction) {
		if (body.statements().stream().noneMatch((statement) -> OwnStep.isValidation(statement.sql()))) {
			return new SqlBody(body.statements(), inTransaction);
		}
		return new SqlBody(body.statements()
			.stream()
			.map((statement) -> OwnStep.isValidation(statement.sql())
					? new Statement(statement.number(), statement.line(), statement.sql(), false) : statement)
			.toList(), false);
	}

	private static void requireNotMixed(String location, SqlBody body) {
		body.statements().stream().filter((statement) -> !statement.inTransaction()).findFirst().ifPresent((first) -> {
			if (body.statements().stream().anyMatch(Statement::inTransaction)) {
				throw invalid(location, first.line(),
						"mixes a statement that cannot run in a transaction with others that can",
						"move it into a pending migration of its own, or add '-- pending: transaction=false' "
								+ "to run every statement by itself.",
						null);
			}
		});
	}

	private static InvalidPendingMigrationException invalid(String location, int line, @Nullable String message,
			String fix, @Nullable Throwable cause) {
		return new InvalidPendingMigrationException(
				List.of(new Problem(location, line, (message != null) ? message : "cannot be used", fix)), cause);
	}

	private List<LoadableResource> resources(MigrationResolver.Context context, String firstLetter) {
		String[] suffixes = context.configuration.getSqlMigrationSuffixes();
		Set<LoadableResource> resources = new LinkedHashSet<>(
				context.resourceProvider.getResources(firstLetter.toUpperCase(Locale.ROOT), suffixes));
		resources.addAll(context.resourceProvider.getResources(firstLetter.toLowerCase(Locale.ROOT), suffixes));
		return resources.stream().sorted(Comparator.comparing(LoadableResource::getAbsolutePath)).toList();
	}

	private Set<Class<? extends PendingJavaMigration>> javaTypes(MigrationResolver.Context context) {
		Set<Class<? extends PendingJavaMigration>> types = new LinkedHashSet<>(this.beans.types());
		ClassLoader classLoader = context.configuration.getClassLoader();
		for (LoadableResource resource : context.resourceProvider.getResources(this.prefix,
				new String[] { CLASS_SUFFIX })) {
			String path = resource.getAbsolutePath();
			String className = path.substring(0, path.length() - CLASS_SUFFIX.length()).replace('/', '.');
			try {
				Class<?> type = ClassUtils.forName(className, classLoader);
				if (PendingJavaMigration.class.isAssignableFrom(type) && !Modifier.isAbstract(type.getModifiers())) {
					types.add(type.asSubclass(PendingJavaMigration.class));
				}
			}
			catch (ClassNotFoundException | LinkageError ex) {
				// A class in a file system location cannot be loaded, as with Flyway
				// itself.
				continue;
			}
		}
		return types;
	}

	private void addJava(Class<? extends PendingJavaMigration> type, Configuration configuration,
			List<PendingScript> scripts, List<Problem> problems) {
		ScriptName name = ScriptName.parse(type.getSimpleName(), this.prefix, "__");
		if (name == null) {
			problems.add(ScriptName.invalid(type.getName(), type.getSimpleName(), this.prefix, "__", ""));
			return;
		}
		scripts.add(new PendingScript(name.version(), name.description(), type.getName(), PendingMigrationType.JAVA,
				checksum(type, configuration.getClassLoader()), ScriptDirectives.NONE,
				() -> new JavaBody(instance(type))));
	}

	private PendingJavaMigration instance(Class<? extends PendingJavaMigration> type) {
		return this.beans.get(type).orElseGet(() -> {
			try {
				return type.getDeclaredConstructor().newInstance();
			}
			catch (ReflectiveOperationException ex) {
				throw invalid(type.getName(), 0, "cannot be instantiated: " + ex.getMessage(),
						"give it a public constructor without arguments, or make it a Spring bean.", ex);
			}
		});
	}

	private static int checksum(Class<?> type, ClassLoader classLoader) {
		CRC32 checksum = new CRC32();
		checksum.update(type.getName().getBytes(StandardCharsets.UTF_8));
		try (InputStream content = classLoader
			.getResourceAsStream(ClassUtils.convertClassNameToResourcePath(type.getName()) + CLASS_SUFFIX)) {
			if (content != null) {
				checksum.update(content.readAllBytes());
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return (int) checksum.getValue();
	}

	private static String nameOf(LoadableResource resource, Configuration configuration) {
		String filename = resource.getFilename();
		return Arrays.stream(configuration.getSqlMigrationSuffixes())
			.filter(filename::endsWith)
			.findFirst()
			.map((suffix) -> filename.substring(0, filename.length() - suffix.length()))
			.orElse(filename);
	}

	private static String simpleName(LoadableResource resource) {
		String filename = resource.getFilename();
		return filename.substring(0, filename.length() - CLASS_SUFFIX.length());
	}

	static String text(LoadableResource resource) throws IOException {
		try (Reader reader = new BufferedReader(resource.read())) {
			return FileCopyUtils.copyToString(reader);
		}
	}

	/**
	 * A versioned migration.
	 *
	 * @param location the path of the script, or the name of the class
	 * @param script the script, or {@code null} if it is written in Java
	 */
	record VersionedMigration(String location, @Nullable LoadableResource script) {
	}

}
