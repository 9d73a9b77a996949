package io.github.pendingmigrations.actuate;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link OperatorPage}.
 */
class OperatorPageTests {

	private static final OperatorPageLinks LINKS = new OperatorPageLinks("migrationruns", true, true);

	private final OperatorPage page = OperatorPage.load();

	private final String html = this.page.render(LINKS, null);

	@Test
	void policyAllowsItsOwnScriptAndStyleOnly() throws Exception {
		assertThat(this.html).contains("default-src 'none'; script-src '" + hash("script") + "'; style-src '"
				+ hash("style") + "'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'");
	}

	@Test
	void nothingIsLoadedFromElsewhere() {
		assertThat(this.html).doesNotContain("http://", "https://", " src=", "{{", "@import", "url(");
	}

	@Test
	void nothingBypassesThePolicyOrTheEscaping() {
		assertThat(this.html).doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
				" style=", "onclick=\"", "javascript:");
	}

	@Test
	void everyFieldHasALabel() {
		Matcher matcher = Pattern.compile("<(?:input|textarea)[^>]* id=\"([a-z]+)\"").matcher(this.html);
		assertThat(matcher.results().map((result) -> result.group(1)))
			.containsExactly("force", "reason", "confirmation")
			.allSatisfy((id) -> assertThat(this.html).containsPattern("<label[^>]* for=\"" + id + "\""));
	}

	@ParameterizedTest
	@ValueSource(strings = { "cancel", "hold", "resume", "retry", "mark-applied", "skip" })
	void everyActionOfARunSaysWhatItMeans(String action) {
		assertThat(this.html).containsPattern(
				"\n  '?" + action + "'?: \\{ text: '[^']+ …', title: '[^']+',[^\n]*\n    consequence: '[^']{60,}");
	}

	@Test
	void whatCannotBeTakenBackIsTyped() {
		assertThat(this.html).containsPattern("'mark-applied': [^\n]+ typed: true")
			.containsPattern("skip: [^\n]+ typed: true")
			.contains("typed: migration.version");
	}

	@Test
	void whoMayWriteGetsEveryAction() {
		assertThat(this.page.render(LINKS, null))
			.contains("data-runs=\"migrationruns\" data-apply=\"true\" data-control=\"true\" data-note=\"\"");
	}

	@Test
	void whoMayOnlyReadGetsNoActionAndTheReason() {
		assertThat(this.page.render(LINKS, "This needs \"<x>\" & more"))
			.contains("data-apply=\"false\" data-control=\"false\" data-note=\"You can look, but not change anything. "
					+ "This needs &quot;&lt;x&gt;&quot; &amp; more\"");
	}

	@Test
	void endpointThatIsReadOnlySaysHowToChangeThat() {
		assertThat(this.page.render(new OperatorPageLinks("migrationruns", false, true), null))
			.contains("data-apply=\"false\" data-control=\"true\"")
			.contains("management.endpoint.pendingmigrations.access is &#39;unrestricted&#39;");
		assertThat(this.page.render(new OperatorPageLinks("migrationruns", true, false), null))
			.contains("data-apply=\"true\" data-control=\"false\"")
			.contains("management.endpoint.migrationruns.access");
	}

	@Test
	void actionsAreShownOnlyToThoseWhoMay() {
		assertThat(Pattern.compile("button\\(\\w|button\\('").matcher(this.html).results()).hasSize(4);
		assertThat(this.html).containsPattern("mayApply && applicable\\(migration\\)[^;]+button\\('apply ")
			.containsPattern("mayApply && overridable\\(migration\\)[^;]+button\\('force ")
			.containsPattern("mayControl \\? element[^;]+button\\(name ");
	}

	@Test
	void whatWaitsOnlyForItsWindowCanBeApplied() {
		assertThat(this.html).containsPattern("const applicable = [^;]+only\\(migration, 'OUT_OF_WINDOW'\\)")
			.containsPattern("const overridable = [^;]+only\\(migration, 'ROLLOUT_INCOMPLETE', 'OUT_OF_WINDOW'\\)")
			.contains("A run of it waits until the window opens");
	}

	@Test
	void everyoneSeesTheDetailsOfEveryMigrationThatWaits() {
		assertThat(this.html).containsPattern(
				"\n    element\\('details', \\{ 'data-key': \\['migration', [^\n]+\n[^\n]+showMigration\\(");
	}

	@Test
	void listsOfAMigrationHaveHeadings() {
		assertThat(this.html).contains("listOf('Why it waits', migration.reasons",
				"listOf('What the check says', (migration.findings");
	}

	@Test
	void runThatIsHeldDoesNotGiveUpMeanwhile() {
		assertThat(this.html).contains("['Gives up', run.deadlineAt && running && run.status !== 'HELD' ?");
	}

	@Test
	void adviceOfAFailureNamesTheButtons() {
		assertThat(this.html).contains(
				"mayControl ? 'The actions of this run are the buttons Retry, Mark as applied and Skip.'",
				"mayApply ? 'To POST the checksum is the button Apply at P'");
	}

	@Test
	void listThatCannotBeLoadedIsTriedAgain() {
		assertThat(this.html).contains("next = problem.refused ? 0 : 5000", "byId('beans').replaceChildren();");
	}

	@Test
	void failureOfAnOlderRunIsInTheDetails() {
		assertThat(this.html).contains("'Why it failed, its statements, and what they would meet now'",
				"[runCard('Last run', await read(runsPath + '/' + encodeURIComponent(migration.lastRun))");
	}

	@Test
	void addressOfTheRunsIsRelative() {
		assertThat(OperatorPageLinks.of("pendingmigrations", "migrationruns", true, true).runs())
			.isEqualTo("migrationruns");
		assertThat(OperatorPageLinks.of("ops/pending", "ops/runs", true, true).runs()).isEqualTo("../ops/runs");
	}

	private String hash(String tag) throws Exception {
		Matcher matcher = Pattern.compile("<" + tag + ">(.*)</" + tag + ">", Pattern.DOTALL).matcher(this.html);
		assertThat(matcher.find()).isTrue();
		return "sha256-" + Base64.getEncoder()
			.encodeToString(
					MessageDigest.getInstance("SHA-256").digest(matcher.group(1).getBytes(StandardCharsets.UTF_8)));
	}

}
