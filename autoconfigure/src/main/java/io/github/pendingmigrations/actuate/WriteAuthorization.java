package io.github.pendingmigrations.actuate;

import java.security.Principal;

import io.github.pendingmigrations.RequestRefusedException;
import io.github.pendingmigrations.RequestRefusedException.Code;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.security.authentication.AuthenticationTrustResolver;
import org.springframework.security.authentication.AuthenticationTrustResolverImpl;
import org.springframework.security.core.Authentication;
import org.springframework.util.Assert;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * Decides who may apply pending migrations. The decision is made in the endpoints, in
 * addition to whatever the filter chains of the application do, so that a chain which
 * permits everything does not let everybody change the database. It fails closed: without
 * Spring Security there is nobody to recognise, hence nobody may.
 *
 * @since 0.1.0
 */
public final class WriteAuthorization {

	private static final String SPRING_SECURITY = "org.springframework.security.core.Authentication";

	private static final String ANONYMOUS = "anonymous";

	private static final Log logger = LogFactory.getLog(WriteAuthorization.class);

	private final String authority;

	private final boolean allowUnauthenticatedWrites;

	private final boolean securityPresent;

	/**
	 * Create an authorization that finds out whether Spring Security is on the class
	 * path.
	 * @param authority the authority that writing needs
	 * @param allowUnauthenticatedWrites whether anybody may write if Spring Security is
	 * not on the class path
	 */
	public WriteAuthorization(String authority, boolean allowUnauthenticatedWrites) {
		this(authority, allowUnauthenticatedWrites,
				ClassUtils.isPresent(SPRING_SECURITY, WriteAuthorization.class.getClassLoader()));
	}

	WriteAuthorization(String authority, boolean allowUnauthenticatedWrites, boolean securityPresent) {
		Assert.hasText(authority, "'authority' must not be empty");
		this.authority = authority;
		this.allowUnauthenticatedWrites = allowUnauthenticatedWrites;
		this.securityPresent = securityPresent;
		if (allowUnauthenticatedWrites) {
			logger.warn(securityPresent
					? "pending-migrations.security.allow-unauthenticated-writes has no effect, because Spring Security "
							+ "is on the class path"
					: "Anybody who reaches the actuator endpoints can apply pending migrations, because "
							+ "pending-migrations.security.allow-unauthenticated-writes is set and Spring Security is "
							+ "not on the class path");
		}
	}

	/**
	 * Make sure that the caller may write.
	 * @param securityContext the security context of the request
	 * @return the name of the caller
	 * @throws RequestRefusedException if the caller may not
	 */
	String authorize(SecurityContext securityContext) {
		String refusal = refusal(securityContext);
		if (refusal != null) {
			throw new RequestRefusedException(Code.FORBIDDEN, refusal);
		}
		return nameOf(securityContext);
	}

	/**
	 * Return whether the caller may write.
	 * @param securityContext the security context of the request
	 * @return {@code true} if so
	 */
	boolean isAuthorized(SecurityContext securityContext) {
		return refusal(securityContext) == null;
	}

	/**
	 * Return the name of the caller, whether authorized or not.
	 * @param securityContext the security context of the request
	 * @return the name
	 */
	static String nameOf(SecurityContext securityContext) {
		Principal principal = securityContext.getPrincipal();
		String name = (principal != null) ? principal.getName() : null;
		return (StringUtils.hasText(name)) ? name : ANONYMOUS;
	}

	/**
	 * Return why the caller may not write.
	 * @param securityContext the security context of the request
	 * @return the reason, or {@code null} if the caller may
	 */
	@Nullable String refusal(SecurityContext securityContext) {
		if (!this.securityPresent) {
			return (this.allowUnauthenticatedWrites) ? null : """
					Nobody may apply pending migrations here, because Spring Security is not on the class path. Add \
					the dependency org.springframework.boot:spring-boot-starter-security and a user with the authority \
					'%s' (pending-migrations.security.apply-authority). Where nobody but you can reach this \
					application, pending-migrations.security.allow-unauthenticated-writes=true does without."""
				.formatted(this.authority);
		}
		Principal principal = securityContext.getPrincipal();
		if (principal == null || !StringUtils.hasText(principal.getName())) {
			return "This needs an authenticated user with the authority '" + this.authority
					+ "' (pending-migrations.security.apply-authority)";
		}
		return SpringSecurity.hasAuthority(principal, securityContext, this.authority) ? null
				: "This needs the authority '" + this.authority + "' (pending-migrations.security.apply-authority)";
	}

	/**
	 * Everything that needs Spring Security, in a class that is not loaded without it.
	 */
	private static final class SpringSecurity {

		private static final AuthenticationTrustResolver trustResolver = new AuthenticationTrustResolverImpl();

		private SpringSecurity() {
		}

		static boolean hasAuthority(Principal principal, SecurityContext securityContext, String authority) {
			if (principal instanceof Authentication authentication) {
				return authentication.isAuthenticated() && !trustResolver.isAnonymous(authentication)
						&& authentication.getAuthorities()
							.stream()
							.anyMatch((granted) -> authority.equals(granted.getAuthority()));
			}
			return securityContext.isUserInRole(authority);
		}

	}

}
