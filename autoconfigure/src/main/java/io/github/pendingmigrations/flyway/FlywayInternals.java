package io.github.pendingmigrations.flyway;

import java.io.Reader;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import io.github.pendingmigrations.MigrationScript.Transaction;
import io.github.pendingmigrations.PendingMigrations.Statement;
import io.github.pendingmigrations.PendingScript.SqlBody;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.resolver.MigrationResolver;
import org.flywaydb.core.api.resource.LoadableResource;
import org.flywaydb.core.internal.resolver.ChecksumCalculator;
import org.flywaydb.core.internal.resource.StringResource;
import org.flywaydb.core.internal.sqlscript.SqlScript;
import org.flywaydb.core.internal.sqlscript.SqlStatement;
import org.flywaydb.core.internal.sqlscript.SqlStatementIterator;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;

/**
 * Everything that is used of Flyway's internals, which are no API: what a context knows
 * how to do with a script. {@code FlywayInternalsTests} names each class and method.
 */
final class FlywayInternals {

	private static final String COPY_FROM_STDIN = "PostgreSQLCopyParsedStatement";

	private FlywayInternals() {
	}

	/**
	 * Compute the checksum of a text as Flyway does: over its lines, without line ends.
	 * @param text the text
	 * @return the checksum
	 */
	static int checksum(String text) {
		return ChecksumCalculator.calculate(new StringResource(text));
	}

	/**
	 * Split a script into statements, with the placeholders, the dialect and the script
	 * configuration that Flyway uses for its own.
	 * @param context where the script was found
	 * @param resource the script
	 * @param text its text: what was hashed is what is parsed
	 * @return the statements
	 */
	static SqlBody parse(MigrationResolver.Context context, LoadableResource resource, String text) {
		SqlScript script = context.sqlScriptFactory.createSqlScript(new TextResource(resource, text), true,
				context.resourceProvider);
		List<Statement> statements = new ArrayList<>();
		try (SqlStatementIterator iterator = script.getSqlStatements()) {
			for (SqlStatement statement = iterator.next(); statement != null; statement = iterator.next()) {
				if (statement.getClass().getSimpleName().equals(COPY_FROM_STDIN)) {
					throw new UnsupportedStatementException(statement.getLineNumber(), "COPY … FROM STDIN");
				}
				statements.add(new Statement(statements.size() + 1, statement.getLineNumber(), statement.getSql(),
						statement.canExecuteInTransaction() && !OwnStep.isRefusedInTransaction(statement.getSql())));
			}
		}
		return new SqlBody(List.copyOf(statements),
				script.executeInTransaction() && statements.stream().allMatch(Statement::inTransaction));
	}

	/**
	 * Read how Flyway runs a script: from its script configuration, from
	 * {@code executeInTransaction} and {@code mixed}, and from its statements.
	 * @param context where the script was found
	 * @param resource the script
	 * @return the settings
	 */
	static ScriptSettings settings(MigrationResolver.Context context, LoadableResource resource) {
		SqlScript script = context.sqlScriptFactory.createSqlScript(resource, context.configuration.isMixed(),
				context.resourceProvider);
		return new ScriptSettings(script.shouldExecute(), script.placeholderReplacement(), () -> transaction(script));
	}

	private static Transaction transaction(SqlScript script) {
		try {
			return script.executeInTransaction() ? Transaction.WHOLE : Transaction.NONE;
		}
		catch (FlywayException ex) {
			// It does not parse, or mixes what must not be mixed. The checker says where.
			return Transaction.REFUSED;
		}
	}

	/**
	 * Return whether Flyway holds its lock in an open transaction while it migrates a
	 * PostgreSQL database.
	 * @param configuration the configuration of Flyway
	 * @return {@code true} unless {@code flyway.postgresql.transactional.lock} is off
	 */
	static boolean hasTransactionalLock(Configuration configuration) {
		PostgreSQLConfigurationExtension extension = configuration.getPluginRegister()
			.getExact(PostgreSQLConfigurationExtension.class);
		return extension == null || extension.isTransactionalLock();
	}

	/**
	 * How Flyway runs a script.
	 *
	 * @param executes whether it runs it at all
	 * @param replacesPlaceholders whether placeholders are replaced
	 * @param transaction finds out whether it runs in a transaction, which may need to
	 * parse it
	 */
	record ScriptSettings(boolean executes, boolean replacesPlaceholders, Supplier<Transaction> transaction) {
	}

	/**
	 * Thrown for a statement that cannot be sent through JDBC.
	 */
	static final class UnsupportedStatementException extends RuntimeException {

		private final int line;

		UnsupportedStatementException(int line, String statement) {
			super(statement + " is not supported in a pending migration");
			this.line = line;
		}

		int getLine() {
			return this.line;
		}

	}

	/**
	 * A script whose text has been read already.
	 */
	private static final class TextResource extends LoadableResource {

		private final LoadableResource resource;

		private final String text;

		TextResource(LoadableResource resource, String text) {
			this.resource = resource;
			this.text = text;
		}

		@Override
		public Reader read() {
			return new StringReader(this.text);
		}

		@Override
		public String getAbsolutePath() {
			return this.resource.getAbsolutePath();
		}

		@Override
		public String getAbsolutePathOnDisk() {
			return this.resource.getAbsolutePathOnDisk();
		}

		@Override
		public String getFilename() {
			return this.resource.getFilename();
		}

		@Override
		public String getRelativePath() {
			return this.resource.getRelativePath();
		}

	}

}
