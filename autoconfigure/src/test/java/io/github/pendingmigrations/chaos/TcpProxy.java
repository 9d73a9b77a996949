package io.github.pendingmigrations.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Stands between an application and its database, and can cut all their connections.
 */
final class TcpProxy implements AutoCloseable {

	private final ServerSocket server;

	private final int target;

	private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

	private final AtomicBoolean losesNextAnswer = new AtomicBoolean();

	TcpProxy(int target) {
		this.target = target;
		try {
			this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		run(this::accept);
	}

	int port() {
		return this.server.getLocalPort();
	}

	/**
	 * Cut all connections now. New ones are accepted.
	 */
	void cut() {
		this.sockets.forEach(TcpProxy::reset);
	}

	/**
	 * Cut all connections when the server answers next: what it was asked for has
	 * happened, and nobody learns that.
	 */
	void loseNextAnswer() {
		this.losesNextAnswer.set(true);
	}

	private void accept() {
		try {
			while (true) {
				Socket client = this.server.accept();
				client.setTcpNoDelay(true);
				Socket database = new Socket(InetAddress.getLoopbackAddress(), this.target);
				database.setTcpNoDelay(true);
				this.sockets.add(client);
				this.sockets.add(database);
				run(() -> forward(client, database, false));
				run(() -> forward(database, client, true));
			}
		}
		catch (IOException ex) {
			// It was closed.
		}
	}

	private void forward(Socket from, Socket to, boolean answers) {
		byte[] buffer = new byte[8192];
		try {
			InputStream input = from.getInputStream();
			for (int length = input.read(buffer); length >= 0; length = input.read(buffer)) {
				if (answers && this.losesNextAnswer.compareAndSet(true, false)) {
					cut();
					break;
				}
				to.getOutputStream().write(buffer, 0, length);
			}
		}
		catch (IOException ex) {
			// The other direction ended, or was cut.
		}
		reset(from);
		reset(to);
		this.sockets.remove(from);
		this.sockets.remove(to);
	}

	private static void reset(Socket socket) {
		try {
			// Without the usual farewell.
			socket.setSoLinger(true, 0);
			socket.close();
		}
		catch (IOException ex) {
			// It was closed before.
		}
	}

	private static void run(Runnable task) {
		Thread thread = new Thread(task, "proxy");
		thread.setDaemon(true);
		thread.start();
	}

	@Override
	public void close() {
		try {
			this.server.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		cut();
	}

}
