package io.github.pendingmigrations.check;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * What is done about findings: by impact, by rule and by version. A level for a rule
 * beats those of its impacts, one for a version beats both.
 *
 * @since 0.1.0
 */
public final class CheckPolicy {

	private final Map<Impact, CheckLevel> impacts;

	private final Map<String, CheckLevel> rules;

	private final Map<String, CheckLevel> versions;

	private final @Nullable String startAfter;

	private CheckPolicy(Map<Impact, CheckLevel> impacts, Map<String, CheckLevel> rules,
			Map<String, CheckLevel> versions, @Nullable String startAfter) {
		this.impacts = impacts;
		this.rules = rules;
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
		return new CheckPolicy(impacts, Map.of(), Map.of(), null);
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
		return new CheckPolicy(changed, this.rules, this.versions, this.startAfter);
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
		return new CheckPolicy(this.impacts, changed, this.versions, this.startAfter);
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
		return new CheckPolicy(this.impacts, this.rules, changed, this.startAfter);
	}

	/**
	 * Return this policy for a project that adopts it late.
	 * @param version the last version that is not checked
	 * @return the policy
	 */
	public CheckPolicy startAfter(String version) {
		return new CheckPolicy(this.impacts, this.rules, this.versions, version);
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
	 * Return what is done about a finding.
	 * @param finding the finding
	 * @param version the version of its script, or {@code null} if it has none
	 * @return the level
	 */
	public CheckLevel levelOf(Finding finding, @Nullable String version) {
		if (version != null) {
			for (Map.Entry<String, CheckLevel> entry : this.versions.entrySet()) {
				if (compare(version, entry.getKey()) == 0) {
					return entry.getValue();
				}
			}
		}
		CheckLevel ofRule = this.rules.get(finding.rule());
		if (ofRule != null) {
			return ofRule;
		}
		CheckLevel worst = CheckLevel.OFF;
		for (Impact impact : finding.impacts()) {
			CheckLevel level = this.impacts.getOrDefault(impact, CheckLevel.FAIL);
			worst = (level.ordinal() < worst.ordinal()) ? level : worst;
		}
		return (finding.weak() && worst == CheckLevel.FAIL) ? CheckLevel.WARN : worst;
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
