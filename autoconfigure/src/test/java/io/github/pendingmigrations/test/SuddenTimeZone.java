package io.github.pendingmigrations.test;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.time.zone.ZoneRulesProvider;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A time zone in which noon is whenever a test likes, and the clocks go forward to one
 * minute past noon soon after it. So a daily window, which has a granularity of minutes,
 * is closed for seconds.
 */
public final class SuddenTimeZone extends ZoneRulesProvider {

	private static final int MINUTE = 60;

	private final String id = "Test/" + UUID.randomUUID();

	private volatile ZoneRules rules = rules(Instant.now().plusSeconds(MINUTE * MINUTE), 1);

	private SuddenTimeZone() {
	}

	/**
	 * Create one, in which it is an hour before noon.
	 * @return the zone
	 */
	public static SuddenTimeZone create() {
		SuddenTimeZone zone = new SuddenTimeZone();
		ZoneRulesProvider.registerProvider(zone);
		return zone;
	}

	/**
	 * Return a window that is always open, except for the minute after noon.
	 * @return what to write behind {@code window=}
	 */
	public String window() {
		return "12:01-12:00 " + this.id;
	}

	/**
	 * Close the window for a while.
	 * @param from when, which is rounded to the second
	 * @param seconds for how many seconds
	 */
	public void close(Instant from, int seconds) {
		this.rules = rules(from, seconds);
	}

	private static ZoneRules rules(Instant noon, int seconds) {
		int ahead = LocalTime.NOON.toSecondOfDay() - LocalTime.ofInstant(noon, ZoneId.of("UTC")).toSecondOfDay();
		ZoneOffset before = ZoneOffset.ofTotalSeconds(ahead);
		ZoneOffset after = ZoneOffset.ofTotalSeconds(ahead + MINUTE - seconds);
		LocalDateTime forward = LocalDateTime.ofEpochSecond(noon.getEpochSecond() + seconds, 0, before);
		return ZoneRules.of(before, before, List.of(), List.of(ZoneOffsetTransition.of(forward, before, after)),
				List.of());
	}

	@Override
	protected Set<String> provideZoneIds() {
		return Set.of(this.id);
	}

	/**
	 * They change, so nobody may keep them.
	 */
	@Override
	protected ZoneRules provideRules(String zoneId, boolean forCaching) {
		return forCaching ? null : this.rules;
	}

	@Override
	protected NavigableMap<String, ZoneRules> provideVersions(String zoneId) {
		return new TreeMap<>(java.util.Map.of("1", this.rules));
	}

}
