package dev.trunkline.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.trunkline.server.admin.ClusterControl;
import dev.trunkline.server.admin.ConsoleAccess;
import dev.trunkline.server.auth.Authenticator;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /api/v1/clusters/CLUSTER/switchover}: what SWITCHOVER does on the console, for those who may use it there, who show name
 * and password (basic authentication, RFC 7617). Safe to use from any thread.
 *
 * <p>The body is empty or {@code {"to": "MEMBER"}}, its type must be {@code application/json}: a page of somebody else's cannot have a
 * browser send that without asking first.
 */
public final class SwitchoverAction implements Action.Directory {
    private static final Logger LOG = LoggerFactory.getLogger(SwitchoverAction.class);
    private static final Pattern PATH = Pattern.compile("/api/v1/clusters/([^/]+)/switchover");
    private static final String REALM = "Basic realm=\"Trunkline\", charset=\"UTF-8\"";
    private static final String JSON = "application/json";
    /** Who guesses passwords has to wait. */
    private static final long GUESS_SECONDS = 1;

    private static final JsonMapper MAPPER = new JsonMapper();

    private final ClusterControl clusters;
    private final Authenticator users;
    private final Set<String> admins;

    /** @param admins who may do it, of those whom {@code users} know */
    public SwitchoverAction(ClusterControl clusters, Authenticator users, Set<String> admins) {
        this.clusters = clusters;
        this.users = users;
        this.admins = Set.copyOf(admins);
    }

    @Override
    public @Nullable Action find(String path) {
        Matcher matcher = PATH.matcher(path);
        if (!matcher.matches()) {
            return null;
        }
        try {
            String cluster = QueryStringDecoder.decodeComponent(matcher.group(1));
            return call -> post(cluster, call);
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    private record Login(String user, String password) {
        /** Null if the field is missing or malformed. */
        static @Nullable Login of(@Nullable String authorization) {
            if (authorization == null || !authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
                return null;
            }
            try {
                String pair = new String(
                        Base64.getDecoder().decode(authorization.substring(6).strip()), UTF_8);
                int colon = pair.indexOf(':');
                return colon < 0 ? null : new Login(pair.substring(0, colon), pair.substring(colon + 1));
            } catch (IllegalArgumentException _) {
                return null;
            }
        }

        @Override
        public String toString() {
            return "Login[" + user + "]";
        }
    }

    private CompletionStage<Page.Content> post(String cluster, Action.Call call) {
        Login login = Login.of(call.authorization());
        if (login == null) {
            return done(unknown("name and password of a user of the console are needed"));
        }
        return users.isPassword(login.user(), login.password())
                .thenCompose(right -> right ? admitted(cluster, login.user(), call) : refused(login.user()));
    }

    private static CompletionStage<Page.Content> refused(String user) {
        LOG.warn(
                "a switchover by HTTP was refused: the password of user \"{}\" is wrong, or there is no such user",
                user);
        Page.Content answer = unknown("name or password is wrong");
        return new CompletableFuture<Page.Content>().completeOnTimeout(answer, GUESS_SECONDS, TimeUnit.SECONDS);
    }

    private CompletionStage<Page.Content> admitted(String cluster, String user, Action.Call call) {
        if (ConsoleAccess.of(user, admins, Set.of()) != ConsoleAccess.ADMIN) {
            return done(error(403, "admin access needed"));
        }
        if (!JSON.equals(call.type())) {
            return done(error(415, "the body must be of type " + JSON));
        }
        String member;
        try {
            member = member(call.body());
        } catch (IllegalArgumentException e) {
            return done(error(400, String.valueOf(e.getMessage())));
        }
        // The name of the cluster is whatever somebody has sent; if there is one, a line of its own follows.
        LOG.info("user \"{}\" asks for a switchover by HTTP", user);
        return clusters.switchover(cluster, member).thenApply(SwitchoverAction::answer);
    }

    /** Who is to lead; null if nobody is named. */
    private static @Nullable String member(String body) {
        if (body.isBlank()) {
            return null;
        }
        JsonNode wish;
        try {
            wish = MAPPER.readTree(body);
        } catch (JsonProcessingException _) {
            throw new IllegalArgumentException("the body is not JSON");
        }
        JsonNode to = wish.get("to");
        boolean known = wish.isObject() && wish.size() == (to == null ? 0 : 1);
        if (!known || (to != null && !to.isTextual())) {
            throw new IllegalArgumentException("the body must be an object with nothing but \"to\", a string");
        }
        return to == null ? null : to.textValue();
    }

    private static Page.Content answer(PgError outcome) {
        boolean done = outcome.severity() == PgError.Severity.NOTICE;
        ObjectNode json = MAPPER.createObjectNode().put("result", done ? "done" : "failed");
        if (!done) {
            json.put("sqlstate", outcome.code());
        }
        json.put("message", outcome.message()).put("detail", outcome.detail()).put("hint", outcome.hint());
        return content(done ? 200 : status(outcome.code()), json);
    }

    private static int status(String code) {
        if (code.equals(SqlState.UNDEFINED_OBJECT.code())) {
            return 404;
        }
        if (code.equals(SqlState.SYSTEM_ERROR.code())) {
            return 502;
        }
        return code.equals(SqlState.INTERNAL_ERROR.code()) ? 500 : 409;
    }

    private static Page.Content error(int status, String message) {
        return content(status, MAPPER.createObjectNode().put("result", "failed").put("message", message));
    }

    private static Page.Content unknown(String message) {
        Page.Content content = error(401, message);
        return new Page.Content(content.status(), content.type(), content.body(), Map.of("WWW-Authenticate", REALM));
    }

    private static Page.Content content(int status, ObjectNode json) {
        return new Page.Content(status, JSON, json + "\n");
    }

    private static CompletionStage<Page.Content> done(Page.Content content) {
        return CompletableFuture.completedFuture(content);
    }
}
