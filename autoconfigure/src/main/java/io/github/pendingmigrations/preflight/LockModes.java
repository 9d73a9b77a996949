package io.github.pendingmigrations.preflight;

/**
 * What the lock modes of a database mean. A mode that is not known counts as the
 * strongest.
 */
interface LockModes {

	/**
	 * Return whether one session has to wait for another.
	 * @param wanted the mode that is wanted
	 * @param held the mode that somebody else holds
	 * @return {@code true} if it has to
	 */
	boolean conflict(String wanted, String held);

	/**
	 * Return how strong a mode is.
	 * @param mode the mode
	 * @return a number that is greater the stronger it is
	 */
	int strength(String mode);

	/**
	 * Return whether somebody who merely reads has to wait.
	 * @param mode the mode that is held
	 * @return {@code true} if readers wait
	 */
	boolean stopsReaders(String mode);

}
