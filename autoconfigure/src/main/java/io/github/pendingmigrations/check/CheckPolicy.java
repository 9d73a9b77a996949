package io.github.pendingmigrations.check;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * What is done about findings: by impact, by rule, by location and by version. The more
 * particular one wins: a version beats a location, that beats a rule, and that beats its
 * impacts.
 *
 * @since 0.1.0
 */
public final class CheckPolicy {

	private static final Set<Impact> WHY_SCRIPTS_WAIT = Set.of(Impact.DESTRUCTIVE, Impact.INCOMPATIBLE);

	private final Map<Impact, CheckLevel> impacts;

	private final Map<String, CheckLevel> rules;

	private final Map<String, CheckLevel> locations;

	private final Map<String, CheckLevel> versions;

	private final @Nullable String startAfter;

	private CheckPolicy(Map<Impact, CheckLevel> impacts, Map<String, CheckLevel> rules,
			Map<String, CheckLevel> locations, Map<String, CheckLevel> versions, @Nullable String startAfter) {
		this.impacts = impacts;
		this.rules = rules;
		this.locations = locations;
		this.versions = versions;
		this.startAfter = startAfter;
	}

	/**
	 * Return the policy that is used unless somebody says otherwise: what destroys,
	 * breaks, cannot run or cannot be understood fails, the rest warns.
	 * @return the policy
	 */
	public static CheckPolicy defaults() {
		Map<Impact, CheckLevel> impacts = new EnumMap<>(Impact.class);
		for (Impact impact : Impact.values()) {
			impacts.put(impact, CheckLevel.FAIL);
		}
		impacts.put(Impact.BLOCKING, CheckLevel.WARN);
		impacts.put(Impact.DATA_DEPENDENT, CheckLevel.WARN);
		return new CheckPolicy(impacts, Map.of(), Map.of(), Map.of(), null);
	}

	/**
	 * Return this policy with another level for an impact.
	 * @param impact the impact
	 * @param level the level
	 * @return the policy
	 */
	public CheckPolicy with(Impact impact, CheckLevel level) {
		Map<Impact, CheckLevel> changed = new EnumMap<>(this.impacts);
		changed.put(impact, level);
		return new CheckPolicy(changed, this.rules, this.locations, this.versions, this.startAfter);
	}

	/**
	 * Return this policy with a level for a rule.
	 * @param rule the name of the rule
	 * @param level the level
	 * @return the policy
	 */
	public CheckPolicy withRule(String rule, CheckLevel level) {
		Map<String, CheckLevel> changed = new HashMap<>(this.rules);
		changed.put(rule, level);
		return new CheckPolicy(this.impacts, changed, this.locations, this.versions, this.startAfter);
	}

	/**
	 * Return this policy with a level for everything found in one location, for example
	 * in the scripts that a library brings.
	 * @param location the folder, as it stands at the beginning of paths; the prefixes
	 * {@code classpath:} and {@code filesystem:} are left out
	 * @param level the level
	 * @return the policy
	 */
	public CheckPolicy withLocation(String location, CheckLevel level) {
		Map<String, CheckLevel> changed = new HashMap<>(this.locations);
		changed.put(location.replaceFirst("^(classpath:/?|filesystem:)", ""), level);
		return new CheckPolicy(this.impacts, this.rules, changed, this.versions, this.startAfter);
	}

	/**
	 * Return this policy with a level for everything found in one version.
	 * @param version the version
	 * @param level the level
	 * @return the policy
	 */
	public CheckPolicy withVersion(String version, CheckLevel level) {
		Map<String, CheckLevel> changed = new HashMap<>(this.versions);
		changed.put(version, level);
		return new CheckPolicy(this.impacts, this.rules, this.locations, changed, this.startAfter);
	}

	/**
	 * Return this policy for a project that adopts it late.
	 * @param version the last version that is not checked
	 * @return the policy
	 */
	public CheckPolicy startAfter(String version) {
		return new CheckPolicy(this.impacts, this.rules, this.locations, this.versions, version);
	}

	/**
	 * Return whether scripts of a version are checked at all.
	 * @param version the version, or {@code null} for a script without one
	 * @return {@code true} if they are
	 */
	public boolean covers(@Nullable String version) {
		return this.startAfter == null || version == null || compare(version, this.startAfter) > 0;
	}

	boolean isOn(Rule rule) {
		CheckLevel level = this.rules.get(rule.id());
		return (level != null) ? level != CheckLevel.OFF : rule.isOnByDefault();
	}

	/**
	 * Return what is done about a finding. That a pending script destroys, or breaks code
	 * of an earlier release, is what it is for: it fails for no such reason, nor because
	 * it cannot be understood, since a person reads it before it is applied. A callback
	 * fails only for a level of its rule or location, since it runs at every deployment;
	 * so does a repeatable script in a project that adopts the check late.
	 * @param finding the finding
	 * @param file the script
	 * @return the level
	 */
	public CheckLevel levelOf(Finding finding, ScriptFile file) {
		boolean pending = file.kind() == ScriptKind.PENDING;
		CheckLevel particular = particular(finding, file);
		if (particular != null) {
			boolean expected = pending && finding.impacts().stream().anyMatch(WHY_SCRIPTS_WAIT::contains);
			return (expected && particular == CheckLevel.FAIL) ? CheckLevel.WARN : particular;
		}
		CheckLevel worst = CheckLevel.OFF;
		for (Impact impact : finding.impacts()) {
			CheckLevel level = this.impacts.getOrDefault(impact, CheckLevel.FAIL);
			if (pending && level == CheckLevel.FAIL
					&& (WHY_SCRIPTS_WAIT.contains(impact) || impact == Impact.UNKNOWN)) {
				level = CheckLevel.WARN;
			}
			worst = (level.ordinal() < worst.ordinal()) ? level : worst;
		}
		return (worst == CheckLevel.FAIL && (finding.weak() || hasRunBefore(file))) ? CheckLevel.WARN : worst;
	}

	/**
	 * Return whether a script without a version is taken to have run at earlier
	 * deployments, where it did no harm. That a version is new can be told.
	 */
	private boolean hasRunBefore(ScriptFile file) {
		return file.kind() == ScriptKind.CALLBACK || (this.startAfter != null && file.kind() == ScriptKind.REPEATABLE);
	}

	private @Nullable CheckLevel particular(Finding finding, ScriptFile file) {
		String version = file.version();
		if (version != null) {
			for (Map.Entry<String, CheckLevel> entry : this.versions.entrySet()) {
				if (compare(version, entry.getKey()) == 0) {
					return entry.getValue();
				}
			}
		}
		String longest = "";
		for (String location : this.locations.keySet()) {
			if (isIn(file.path(), location) && location.length() > longest.length()) {
				longest = location;
			}
		}
		return longest.isEmpty() ? this.rules.get(finding.rule()) : this.locations.get(longest);
	}

	private static boolean isIn(String path, String location) {
		String folder = location.endsWith("/") ? location : location + '/';
		return path.startsWith(folder) || path.startsWith('/' + folder);
	}

	/**
	 * Return whether a finding only says what a pending script is for.
	 */
	static boolean isWhyScriptsWait(Finding finding) {
		return WHY_SCRIPTS_WAIT.containsAll(finding.impacts());
	}

	/**
	 * Compare two versions as Flyway does: number by number.
	 * @param one a version such as {@code 1.10}
	 * @param other another one
	 * @return negative, zero or positive
	 */
	static int compare(String one, String other) {
		String[] left = one.split("[._]", -1);
		String[] right = other.split("[._]", -1);
		for (int i = 0; i < Math.max(left.length, right.length); i++) {
			String a = (i < left.length) ? left[i].replaceFirst("^0+(?=.)", "") : "0";
			String b = (i < right.length) ? right[i].replaceFirst("^0+(?=.)", "") : "0";
			int order = (a.length() != b.length()) ? Integer.compare(a.length(), b.length()) : a.compareTo(b);
			if (order != 0) {
				return order;
			}
		}
		return 0;
	}

}
