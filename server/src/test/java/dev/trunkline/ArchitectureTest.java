package dev.trunkline;

import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.core.domain.JavaModifier.SYNCHRONIZED;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.instruction.MonitorInstruction;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import org.junit.jupiter.api.Test;

/** The rules of the code that a compiler does not check, for the main classes of all modules that make up the program. */
class ArchitectureTest {
    /** Who may lock or sleep, each with its reason. Nobody has had one yet. */
    private static final Set<String> MAY_BLOCK = Set.of();

    private static final JavaClasses PROGRAM = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.trunkline");

    @Test
    void theImport_seesEveryModule() {
        assertThat(PROGRAM)
                .extracting(JavaClass::getPackageName)
                .contains("dev.trunkline.wire", "dev.trunkline.pooler.pool", "dev.trunkline.server.state");
    }

    @Test
    void layers_useOnlyWhatIsBelowThem() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("wire")
                .definedBy("dev.trunkline.wire..")
                .layer("pooler")
                .definedBy("dev.trunkline.pooler..")
                .layer("router")
                .definedBy("dev.trunkline.router..")
                .layer("server")
                .definedBy("dev.trunkline.server..")
                .whereLayer("server")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("router")
                .mayOnlyBeAccessedByLayers("server")
                .whereLayer("pooler")
                .mayOnlyBeAccessedByLayers("router", "server")
                .ensureAllClassesAreContainedInArchitecture()
                .check(PROGRAM);
    }

    @Test
    void packages_formNoCycle() {
        slices().matching("dev.trunkline.(**)").should().beFreeOfCycles().check(PROGRAM);
    }

    @Test
    void thePool_knowsNeitherNettyNorTheProtocol() {
        noClasses()
                .that()
                .resideInAPackage("dev.trunkline.pooler.pool..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty..", "dev.trunkline.wire..")
                .because("it is a generic pool, tested without sockets")
                .check(PROGRAM);
    }

    @Test
    void wire_knowsNoSockets() {
        noClasses()
                .that()
                .resideInAPackage("dev.trunkline.wire..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.netty.channel..",
                        "io.netty.bootstrap..",
                        "io.netty.handler..",
                        "java.net..",
                        "java.nio.channels..")
                .because("it is bytes in, values out")
                .check(PROGRAM);
    }

    @Test
    void staticFields_areConstants() {
        fields().that().areStatic().should(beAConstant()).check(PROGRAM);
    }

    @Test
    void nothing_locksOrSleeps() {
        noClasses()
                .that(mayNotBlock())
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.util.concurrent.locks..")
                .orShould()
                .callMethodWhere(isOneOf(Thread.class, "sleep"))
                .orShould()
                .callMethodWhere(isOneOf(Object.class, "wait", "notify", "notifyAll"))
                .check(PROGRAM);
        noMethods()
                .that()
                .areDeclaredInClassesThat(mayNotBlock())
                .should()
                .haveModifier(SYNCHRONIZED)
                .check(PROGRAM);
        classes().that(mayNotBlock()).should(haveNoSynchronizedBlock()).check(PROGRAM);
    }

    @Test
    void surroundings_areReadInFewPlaces() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.trunkline.server.config..", "dev.trunkline.server.demo..")
                .and(areNotMain())
                .should()
                .callMethodWhere(isOneOf(System.class, "getenv", "getProperty", "getProperties"))
                .orShould()
                .callMethodWhere(isOneOf(Boolean.class, "getBoolean"))
                .orShould()
                .callMethodWhere(isOneOf(Integer.class, "getInteger"))
                .orShould()
                .callMethodWhere(isOneOf(Long.class, "getLong"))
                .because("hidden switches are settings that nobody can find")
                .check(PROGRAM);
    }

    @Test
    void standardOutput_belongsToTheCommandLine() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.trunkline.server.demo..")
                .and(areNotMain())
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethodWhere(isOneOf(Throwable.class, "printStackTrace"))
                .check(PROGRAM);
    }

    @Test
    void tests_areNotPartOfTheProgram() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Test")
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("org.junit..")
                .check(PROGRAM);
    }

    private static DescribedPredicate<JavaClass> mayNotBlock() {
        return DescribedPredicate.describe(
                "are not on the list of those that may block", c -> !MAY_BLOCK.contains(c.getName()));
    }

    private static DescribedPredicate<JavaClass> areNotMain() {
        return DescribedPredicate.describe(
                "are not Main", c -> !c.getName().matches("dev\\.trunkline\\.server\\.Main(\\$.*)?"));
    }

    private static DescribedPredicate<JavaCall<?>> isOneOf(Class<?> owner, String... names) {
        Set<String> wanted = Set.of(names);
        return DescribedPredicate.describe(
                owner.getSimpleName() + "." + wanted,
                call -> wanted.contains(call.getName()) && call.getTargetOwner().isAssignableTo(owner));
    }

    private static ArchCondition<JavaField> beAConstant() {
        return new ArchCondition<>("be final and of a type that does not change") {
            @Override
            public void check(JavaField field, ConditionEvents events) {
                boolean constant = field.getModifiers().contains(FINAL) && !isMutable(field.getRawType());
                events.add(new SimpleConditionEvent(
                        field, constant, field.getDescription() + " is " + field.getModifiers()));
            }
        };
    }

    /** Interfaces such as Map may hold an immutable value; the concrete collections and the atomics cannot. */
    private static boolean isMutable(JavaClass type) {
        boolean collection = type.isAssignableTo(Collection.class) || type.isAssignableTo(Map.class);
        return type.getPackageName().equals("java.util.concurrent.atomic")
                || type.isAssignableTo(ThreadLocal.class)
                || type.isAssignableTo(ConcurrentMap.class)
                || (collection && !type.isInterface() && type.getPackageName().startsWith("java.util"));
    }

    private static ArchCondition<JavaClass> haveNoSynchronizedBlock() {
        return new ArchCondition<>("have no synchronized block") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                type.getSource().ifPresent(source -> {
                    try (InputStream bytes = source.getUri().toURL().openStream()) {
                        boolean clean = hasNoMonitor(bytes.readAllBytes());
                        events.add(new SimpleConditionEvent(type, clean, type.getName() + " has a synchronized block"));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            }
        };
    }

    private static boolean hasNoMonitor(byte[] classFile) {
        return ClassFile.of().parse(classFile).methods().stream()
                .flatMap(method -> method.code().stream())
                .flatMap(code -> code.elementStream())
                .noneMatch(MonitorInstruction.class::isInstance);
    }
}
