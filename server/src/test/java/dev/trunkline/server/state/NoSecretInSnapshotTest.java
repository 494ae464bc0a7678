package dev.trunkline.server.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Hazard S12: console and metrics show nothing but a snapshot, and a snapshot has no place for a secret. */
class NoSecretInSnapshotTest {
    private static final List<String> SECRETS =
            List.of("password", "passwd", "secret", "credential", "key", "salt", "verifier", "proof", "token", "hash");

    @Test
    void noComponentOfASnapshot_isNamedLikeASecretOrCanHoldAnything() {
        Set<Class<?>> seen = new LinkedHashSet<>();
        List<String> components = new ArrayList<>();
        walk(ProxySnapshot.class, seen, components);
        walk(WorkerSnapshot.class, seen, components);

        assertThat(seen).contains(ClientRow.class, ServerRow.class, DatabaseRow.class, ClusterRow.MemberRow.class);
        assertThat(components).hasSizeGreaterThan(80).allSatisfy(name -> assertThat(SECRETS)
                .noneMatch(secret -> name.toLowerCase(Locale.ROOT).contains(secret)));
    }

    private static void walk(Type type, Set<Class<?>> seen, List<String> components) {
        if (type instanceof ParameterizedType generic) {
            for (Type argument : generic.getActualTypeArguments()) {
                walk(argument, seen, components);
            }
            return;
        }
        Class<?> raw = (Class<?>) type;
        assertThat(raw).as("a type that says what it holds").isNotIn(Object.class, byte[].class, char[].class);
        if (!raw.isRecord() || !seen.add(raw)) {
            return;
        }
        for (RecordComponent component : raw.getRecordComponents()) {
            components.add(component.getName());
            walk(component.getGenericType(), seen, components);
        }
    }
}
