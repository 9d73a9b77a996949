package io.github.pendingmigrations.check;

import org.jspecify.annotations.Nullable;

/**
 * A script to check.
 *
 * @param path where it comes from, for messages
 * @param kind when it is run
 * @param version its version, or {@code null} if it has none
 * @param sql its text, with its placeholders replaced
 * @since 0.1.0
 */
public record ScriptFile(String path, ScriptKind kind, @Nullable String version, String sql) {

}
