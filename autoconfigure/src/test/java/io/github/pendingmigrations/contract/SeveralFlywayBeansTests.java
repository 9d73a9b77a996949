package io.github.pendingmigrations.contract;

import java.util.Map;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigration;
import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.PendingMigrationsRegistry;
import io.github.pendingmigrations.Requester;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.awaitility.Awaitility;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application with two Flyway beans of its own, each with its own database.
 */
@EveryDatabase
class SeveralFlywayBeansTests {

	private final DatabaseServer server;

	SeveralFlywayBeansTests(DatabaseServer server) {
		this.server = server;
	}

	@Test
	void eachHasItsOwnState() {
		try (TestDatabase orders = this.server.createDatabase();
				TestDatabase billing = this.server.createDatabase();
				TestApplication first = TestApplication.on(orders);
				TestApplication second = TestApplication.on(billing)) {
			first.script("V1__create.sql", "create table orders (id int primary key, source int);");
			second.script("V1__create.sql", "create table invoices (id int primary key, source int);")
				.script("P2__initial.sql", "alter table invoices drop column source;");
			first.configuration(TwoFlyways.class)
				.property("orders.locations", "filesystem:" + first.scripts())
				.property("billing.locations", "filesystem:" + second.scripts())
				.property("billing.url", billing.jdbcUrl())
				.property("billing.user", billing.username())
				.property("billing.password", billing.password());
			first.start().close();
			first.script("P3__drop.sql", "alter table orders drop column source;");
			second.script("P3__fill.sql", "insert into invoices (id) values (7);");
			try (Instance instance = first.start()) {
				Map<String, PendingMigrations> services = instance.context()
					.getBean(PendingMigrationsRegistry.class)
					.byFlywayBean();
				assertThat(services).containsOnlyKeys("ordersFlyway", "billingFlyway");
				assertThat(services.get("ordersFlyway").overview().outstanding()).extracting(PendingMigration::version)
					.containsExactly("3");
				PendingMigrations second_ = services.get("billingFlyway");
				PendingMigration fill = second_.find("3").orElseThrow();
				Integer checksum = fill.checksum();
				assertThat(checksum).isNotNull();
				MigrationRun run = second_.apply("3", checksum, new Requester("ops", "test", "because"));
				Awaitility.await()
					.until(() -> second_.run(run.id()).orElseThrow().status() == MigrationRunStatus.SUCCEEDED);
				assertThat(billing.queryForString("select id from invoices")).isEqualTo("7");
				assertThat(services.get("ordersFlyway").overview().outstanding()).hasSize(1);
				assertThat(instance.pendingMigrations().flywayBean()).isEqualTo("ordersFlyway");
			}
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class TwoFlyways {

		@Bean(initMethod = "migrate")
		@Primary
		Flyway ordersFlyway(javax.sql.DataSource dataSource, @Value("${orders.locations}") String locations) {
			return Flyway.configure().dataSource(dataSource).locations(locations).load();
		}

		@Bean(initMethod = "migrate")
		Flyway billingFlyway(@Value("${billing.url}") String url, @Value("${billing.user}") String user,
				@Value("${billing.password}") String password, @Value("${billing.locations}") String locations) {
			return Flyway.configure().dataSource(url, user, password).locations(locations).load();
		}

	}

}
