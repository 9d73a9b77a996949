package io.github.pendingmigrations.actuate;

import java.io.IOException;
import java.io.InputStream;
import java.security.Principal;
import java.util.Arrays;

import io.github.pendingmigrations.RequestRefusedException;
import io.github.pendingmigrations.RequestRefusedException.Code;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link WriteAuthorization}.
 */
@ResourceLock(Resources.SYSTEM_OUT)
@ExtendWith(OutputCaptureExtension.class)
class WriteAuthorizationTests {

	private static final String AUTHORITY = "ROLE_PENDING_MIGRATIONS";

	private final WriteAuthorization authorization = new WriteAuthorization(AUTHORITY, false);

	@Test
	void withoutSpringSecurityNobodyMayWrite() {
		WriteAuthorization withoutSecurity = new WriteAuthorization(AUTHORITY, false, false);
		assertThatExceptionOfType(RequestRefusedException.class)
			.isThrownBy(() -> withoutSecurity.authorize(context(user("ops", AUTHORITY))))
			.satisfies((ex) -> assertThat(ex.getCode()).isEqualTo(Code.FORBIDDEN))
			.withMessageContaining("spring-boot-starter-security")
			.withMessageContaining(AUTHORITY)
			.withMessageContaining("pending-migrations.security.allow-unauthenticated-writes=true");
	}

	@Test
	void withoutSpringSecurityAnybodyMayWriteIfAllowed(CapturedOutput output) {
		WriteAuthorization withoutSecurity = new WriteAuthorization(AUTHORITY, true, false);
		assertThat(withoutSecurity.authorize(SecurityContext.NONE)).isEqualTo("anonymous");
		assertThat(output).contains("WARN").contains("Anybody who reaches the actuator endpoints");
	}

	@Test
	void allowingUnauthenticatedWritesHasNoEffectWithSpringSecurity(CapturedOutput output) {
		WriteAuthorization withSecurity = new WriteAuthorization(AUTHORITY, true);
		assertThat(withSecurity.isAuthorized(SecurityContext.NONE)).isFalse();
		assertThat(withSecurity.isAuthorized(context(user("ops", "ROLE_USER")))).isFalse();
		assertThat(output).contains("allow-unauthenticated-writes has no effect");
	}

	@Test
	void nobodyIsRefused() {
		assertRefused(SecurityContext.NONE);
	}

	@Test
	void anonymousIsRefusedWhateverItsAuthorities() {
		assertRefused(context(
				new AnonymousAuthenticationToken("key", "anonymous", AuthorityUtils.createAuthorityList(AUTHORITY))));
	}

	@Test
	void unauthenticatedIsRefused() {
		UsernamePasswordAuthenticationToken authentication = user("ops", AUTHORITY);
		authentication.setAuthenticated(false);
		assertRefused(context(authentication));
	}

	@Test
	void userWithoutNameIsRefused() {
		assertRefused(context(user("", AUTHORITY)));
	}

	@Test
	void wrongAuthorityIsRefusedWithoutTellingTheOthers() {
		assertThatExceptionOfType(RequestRefusedException.class)
			.isThrownBy(() -> this.authorization.authorize(context(user("ops", "ROLE_SECRET"))))
			.withMessageContaining(AUTHORITY)
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("SECRET"));
	}

	@Test
	void authoritiesAreComparedExactly() {
		assertRefused(context(user("ops", "PENDING_MIGRATIONS")));
		assertRefused(context(user("ops", "role_pending_migrations")));
		WriteAuthorization withoutPrefix = new WriteAuthorization("migrations:apply", false);
		assertThat(withoutPrefix.isAuthorized(context(user("ops", "migrations:apply")))).isTrue();
		assertThat(withoutPrefix.isAuthorized(context(user("ops", "ROLE_migrations:apply")))).isFalse();
	}

	@Test
	void rightAuthorityIsAccepted() {
		assertThat(this.authorization.authorize(context(user("ops", "ROLE_USER", AUTHORITY)))).isEqualTo("ops");
	}

	@Test
	void principalOfAContainerIsAskedForItsRole() {
		Principal principal = () -> "ops";
		assertThat(this.authorization.authorize(context(principal, AUTHORITY))).isEqualTo("ops");
		assertRefused(context(principal, "ROLE_USER"));
	}

	@Test
	void worksWithoutClassesOfSpringSecurity() throws Exception {
		try (WithoutSpringSecurity classLoader = new WithoutSpringSecurity()) {
			Class<?> type = classLoader.loadClass(WriteAuthorization.class.getName());
			var constructor = type.getDeclaredConstructor(String.class, boolean.class);
			var isAuthorized = type.getDeclaredMethod("isAuthorized", SecurityContext.class);
			isAuthorized.setAccessible(true);
			assertThat(type.getClassLoader()).isSameAs(classLoader);
			assertThat(isAuthorized.invoke(constructor.newInstance(AUTHORITY, false), SecurityContext.NONE))
				.isEqualTo(false);
			assertThat(isAuthorized.invoke(constructor.newInstance(AUTHORITY, true), SecurityContext.NONE))
				.isEqualTo(true);
		}
	}

	private void assertRefused(SecurityContext securityContext) {
		assertThat(this.authorization.isAuthorized(securityContext)).isFalse();
		assertThatExceptionOfType(RequestRefusedException.class)
			.isThrownBy(() -> this.authorization.authorize(securityContext))
			.satisfies((ex) -> assertThat(ex.getCode()).isEqualTo(Code.FORBIDDEN))
			.withMessageContaining(AUTHORITY);
	}

	private static UsernamePasswordAuthenticationToken user(String name, String... authorities) {
		return UsernamePasswordAuthenticationToken.authenticated(name, "secret",
				AuthorityUtils.createAuthorityList(authorities));
	}

	private static SecurityContext context(@Nullable Principal principal, String... roles) {
		return new SecurityContext() {

			@Override
			public @Nullable Principal getPrincipal() {
				return principal;
			}

			@Override
			public boolean isUserInRole(String role) {
				return Arrays.asList(roles).contains(role);
			}

		};
	}

	/**
	 * Loads this library's classes anew and none of Spring Security's.
	 */
	private static final class WithoutSpringSecurity extends ClassLoader implements AutoCloseable {

		WithoutSpringSecurity() {
			super(WriteAuthorizationTests.class.getClassLoader());
		}

		@Override
		protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
			if (name.startsWith("org.springframework.security.")) {
				throw new ClassNotFoundException(name);
			}
			if (!name.startsWith(WriteAuthorization.class.getName())) {
				return super.loadClass(name, resolve);
			}
			try (InputStream content = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
				byte[] bytes = content.readAllBytes();
				return defineClass(name, bytes, 0, bytes.length);
			}
			catch (IOException ex) {
				throw new ClassNotFoundException(name, ex);
			}
		}

		@Override
		public void close() {
		}

	}

}
