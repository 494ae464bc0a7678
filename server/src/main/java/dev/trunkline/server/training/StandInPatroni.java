package dev.trunkline.server.training;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;

/** Answers any HTTP request as Patroni answers {@code GET /cluster}. Source: Patroni's manual, "Patroni REST API". */
final class StandInPatroni implements StandIn.Service {
    private final String answer;

    /** A cluster of two on the loopback interface, by their ports. */
    StandInPatroni(int leader, int replica) {
        String body = """
                {"members": [{"name": "one", "role": "leader", "state": "running", "api_url": "http://127.0.0.1:1/patroni",\
                 "host": "127.0.0.1", "port": %d, "timeline": 1}, {"name": "two", "role": "replica", "state": "streaming",\
                 "api_url": "http://127.0.0.1:1/patroni", "host": "127.0.0.1", "port": %d, "timeline": 1, "lag": 0}],\
                 "scope": "training"}""".formatted(leader, replica);
        this.answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                + body.getBytes(UTF_8).length + "\r\n\r\n" + body;
    }

    @Override
    public void serve(Socket connection) throws IOException {
        BufferedReader request = new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8));
        String line = request.readLine();
        while (line != null) {
            if (line.isEmpty()) {
                connection.getOutputStream().write(answer.getBytes(UTF_8));
            }
            line = request.readLine();
        }
    }
}
