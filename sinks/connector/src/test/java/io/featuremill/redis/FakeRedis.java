package io.featuremill.redis;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server for the answers that a real one can't be brought to give. It says that all is well, unless it was told otherwise. */
final class FakeRedis implements AutoCloseable {

    private final ServerSocket listener;
    private final List<Socket> clients = new CopyOnWriteArrayList<>();
    private final Map<String, Queue<String>> errors = new ConcurrentHashMap<>();

    /** The commands that came, in order, by name. */
    final List<String> heard = new CopyOnWriteArrayList<>();

    FakeRedis() {
        try {
            listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon(() -> {
            while (true) {
                Socket client = listener.accept();
                clients.add(client);
                daemon(() -> serve(client));
            }
        });
    }

    int port() {
        return listener.getLocalPort();
    }

    /** The next answers to the command of this name, before all is well again. */
    void answer(String command, String... answers) {
        errors.computeIfAbsent(command, name -> new ConcurrentLinkedQueue<>()).addAll(List.of(answers));
    }

    private void serve(Socket client) throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(client.getInputStream()));
        OutputStream out = client.getOutputStream();
        while (true) {
            int arguments = Integer.parseInt(line(in).substring(1));
            String command = null;
            for (int i = 0; i < arguments; i++) {
                byte[] argument = new byte[Integer.parseInt(line(in).substring(1))];
                in.readFully(argument);
                line(in);
                command = command == null ? new String(argument, StandardCharsets.UTF_8) : command;
            }
            heard.add(command);
            Queue<String> scripted = errors.get(command);
            String error = scripted == null ? null : scripted.poll();
            String answer = error != null ? "-" + error : command.equals("EVALSHA") ? ":1" : "+OK";
            out.write((answer + "\r\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
    }

    private static String line(DataInputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException();
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    private interface Body {
        void run() throws IOException;
    }

    private static void daemon(Body body) {
        Thread thread = new Thread(() -> {
            try {
                body.run();
            } catch (IOException over) {
                // A side has gone.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket client : clients) {
                client.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
