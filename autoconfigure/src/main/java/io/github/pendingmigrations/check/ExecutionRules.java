package io.github.pendingmigrations.check;

import java.util.List;
import java.util.Locale;

/**
 * The rules about scripts that cannot run as they are written.
 */
final class ExecutionRules {

	private ExecutionRules() {
	}

	static List<Rule> all() {
		return List.of(new InTransaction(), new TransactionalLock(), new EnumValueInTransaction(),
				new ExplicitTransaction(), new HalfApplied(), new NeedsNewerServer(), new PendingOnlyAdds());
	}

	/**
	 * A statement that must run outside a transaction stands in one.
	 */
	private static final class InTransaction extends FactRule<Fact.OutsideTransaction> {

		InTransaction() {
			super("concurrently-in-transaction", Fact.OutsideTransaction.class, Impact.EXECUTION);
		}

		@Override
		protected List<Finding> judge(Fact.OutsideTransaction outside, ScriptContext context) {
			if (!context.isTransactional()) {
				return List.of();
			}
			boolean noticed = context.file().kind() == ScriptKind.PENDING
					|| ScriptContext.NOTICED_BY_FLYWAY.contains(outside.what());
			Finding finding = found(outside, outside.what(), outside.what() + " cannot run in a transaction",
					"The database refuses it there, and Flyway refuses a script that mixes both kinds.")
				.step("Put it into a script of its own.");
			return List.of(noticed ? finding
					: finding.step("Set executeInTransaction=false in its script configuration: Flyway does not notice"
							+ " that it must run outside a transaction."));
		}

	}

	/**
	 * Flyway's own lock is a transaction that the statement waits for.
	 */
	private static final class TransactionalLock extends FactRule<Fact.OutsideTransaction> {

		TransactionalLock() {
			super("flyway-transactional-lock", Fact.OutsideTransaction.class, Impact.EXECUTION);
		}

		@Override
		protected List<Finding> judge(Fact.OutsideTransaction outside, ScriptContext context) {
			boolean waits = outside.what().contains("CONCURRENTLY") && context.settings().transactionalLock()
					&& context.file().kind() != ScriptKind.PENDING;
			if (!waits) {
				return List.of();
			}
			return List.of(found(outside, outside.what(), outside.what() + " waits for Flyway's own lock for ever",
					"Flyway holds its lock in an open transaction, and the statement waits until all older ones end.")
				.step("Set spring.flyway.postgresql.transactional-lock=false, or put it into a pending script."));
		}

	}

	/**
	 * A new value of an enumeration is used too early.
	 */
	private static final class EnumValueInTransaction extends FactRule<Fact.AddEnumValue> {

		private static final int IN_TRANSACTION = 12;

		EnumValueInTransaction() {
			super("enum-value-in-transaction", Fact.AddEnumValue.class, Impact.EXECUTION);
		}

		@Override
		protected List<Finding> judge(Fact.AddEnumValue add, ScriptContext context) {
			if (context.isNew(ObjectKind.TYPE, add.type()) || !isInTransaction(context)) {
				return List.of();
			}
			int version = context.settings().serverVersion();
			boolean refused = version > 0 && version < IN_TRANSACTION;
			if (!refused && !isUsed(add.value(), context)) {
				return List.of();
			}
			return List.of(found(add, add.type() + "." + add.value(),
					refused ? "adds a value to an enumeration in a transaction"
							: "uses the new value '" + add.value() + "' in the transaction that adds it",
					"PostgreSQL " + version(version) + " refuses that.")
				.step("Add the value in a script of its own."));
		}

		private static String version(int version) {
			return (version > 0) ? String.valueOf(version) : "of any version";
		}

		private static boolean isInTransaction(ScriptContext context) {
			boolean alone = context.script()
				.statements()
				.stream()
				.allMatch((
						statement) -> statement.facts().stream().allMatch((fact) -> fact instanceof Fact.AddEnumValue));
			return context.transactions() == TransactionMode.ALWAYS || (context.isTransactional() && !alone);
		}

		private static boolean isUsed(String value, ScriptContext context) {
			String literal = "'" + value + "'";
			for (SqlStatement statement : context.following()) {
				if (statement.facts().get(0) instanceof Fact.TransactionControl) {
					return false;
				}
				boolean comment = statement.facts().get(0) instanceof Fact.Harmless harmless
						&& harmless.what().equals("COMMENT");
				boolean another = statement.facts().get(0) instanceof Fact.AddEnumValue;
				if (!comment && !another && statement.sql().contains(literal)) {
					return true;
				}
			}
			return false;
		}

	}

	/**
	 * A script controls the transaction that it is run in.
	 */
	private static final class ExplicitTransaction extends FactRule<Fact.TransactionControl> {

		ExplicitTransaction() {
			super("explicit-transaction-control", Fact.TransactionControl.class, Impact.EXECUTION);
		}

		@Override
		protected List<Finding> judge(Fact.TransactionControl control, ScriptContext context) {
			return List.of(found(control, control.verb(), control.verb() + " in a script",
					"The script is run in a transaction of Flyway or of this library, which would end too early.")
				.step("Leave it out: one script is one transaction."));
		}

	}

	/**
	 * A script that fails half-way leaves what it did.
	 */
	private static final class HalfApplied extends FactRule<Fact> {

		HalfApplied() {
			super("half-applied-script", Fact.class, Impact.EXECUTION);
		}

		@Override
		protected List<Finding> judge(Fact fact, ScriptContext context) {
			boolean checkpointed = context.file().kind() == ScriptKind.PENDING;
			if (checkpointed || context.statement().facts().get(0) != fact || !isDdl(context.statement())) {
				return List.of();
			}
			boolean atOnce = !context.dialect().hasTransactionalDdl() || !context.isTransactional();
			boolean afterRows = atOnce && isFirstDdlAfterRows(context);
			if (!atOnce || !(afterRows || isSecondDdl(context))) {
				return List.of();
			}
			String message = afterRows ? "commits the rows that were written before it"
					: "is the second DDL statement of a script without a transaction";
			return List.of(found(fact, "the script", message,
					"Each takes effect at once: if a later one fails, the script can be neither undone nor run again.")
				.step("Put each DDL statement into a script of its own.")
				.asWarning());
		}

		private static boolean isFirstDdlAfterRows(ScriptContext context) {
			boolean rows = false;
			for (SqlStatement statement : context.script().statements()) {
				if (isDdl(statement)) {
					return rows && statement == context.statement();
				}
				rows |= statement.facts().stream().anyMatch((fact) -> fact instanceof Fact.WriteRows);
			}
			return false;
		}

		private static boolean isSecondDdl(ScriptContext context) {
			int count = 0;
			for (SqlStatement statement : context.script().statements()) {
				count += isDdl(statement) ? 1 : 0;
				if (statement == context.statement() || count > 2) {
					return count == 2 && isDdl(statement);
				}
			}
			return false;
		}

		private static boolean isDdl(SqlStatement statement) {
			String sql = statement.sql().stripLeading();
			int end = Math.min(sql.length(), 8);
			String head = sql.substring(0, end).toUpperCase(Locale.ROOT);
			return head.startsWith("ALTER") || head.startsWith("CREATE") || head.startsWith("DROP")
					|| head.startsWith("TRUNCATE") || head.startsWith("RENAME") || head.startsWith("REINDEX");
		}

	}

	/**
	 * The server does not know the statement yet.
	 */
	private static final class NeedsNewerServer extends FactRule<Fact.NeedsVersion> {

		NeedsNewerServer() {
			super("needs-newer-server", Fact.NeedsVersion.class, Impact.EXECUTION);
		}

		@Override
		protected List<Finding> judge(Fact.NeedsVersion needs, ScriptContext context) {
			int version = context.settings().serverVersion();
			if (version == 0 || version >= needs.version()) {
				return List.of();
			}
			return List.of(found(needs, needs.what(), needs.what() + " needs version " + needs.version(),
					"The server has version " + version + " and refuses it.")
				.step("Write it without, or update the server first."));
		}

	}

	/**
	 * A pending script has no reason to wait.
	 */
	private static final class PendingOnlyAdds extends FactRule<Fact> {

		PendingOnlyAdds() {
			super("pending-only-adds", Fact.class, Impact.EXECUTION);
		}

		@Override
		protected List<Finding> judge(Fact fact, ScriptContext context) {
			boolean first = context.script().statements().get(0).facts().get(0) == fact;
			String added = (first && context.file().kind() == ScriptKind.PENDING)
					? ScriptOrder.whatIsOnlyAdded(context.script()) : null;
			if (added == null) {
				return List.of();
			}
			return List.of(found(fact, added, "only adds " + added,
					"That breaks no running code, but new code that needs it has to wait for a person.")
				.step("Put it into a V script, so that it is there when the new code starts.")
				.asWarning());
		}

	}

}
