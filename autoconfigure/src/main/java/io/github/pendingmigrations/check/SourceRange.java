package io.github.pendingmigrations.check;

/**
 * A part of a script.
 *
 * @param start the index of the first character
 * @param end the index after the last character
 * @param line the line of the first character, from 1
 * @param column the column of the first character, from 1
 * @since 0.1.0
 */
public record SourceRange(int start, int end, int line, int column) {

}
