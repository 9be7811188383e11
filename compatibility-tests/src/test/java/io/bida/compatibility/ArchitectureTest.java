package io.bida.compatibility;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.NullMarked;

/** The allowed directions: what a module may see of the others, and what no library does. */
@AnalyzeClasses(packages = "io.bida", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String MESSAGE = "io.bida.message..";
    private static final String TRANSPORT = "io.bida.transport";
    private static final String SQL = "io.bida.sql..";
    private static final String OUTBOX = "io.bida.outbox..";
    private static final String STORED = "io.bida.stored..";
    private static final String[] APPLICATIONS = {
        "io.bida.console..", "io.bida.examples..", "io.bida.testkit..", "io.bida.transport.contract.."
    };
    /** The modules of the others depend on messages and their client alone, and have no way to see more. */
    private static final List<String> CARRIERS = List.of("memory", "http");

    @ArchTest
    static final ArchRule messagesSeeNothingElse = sees(MESSAGE, MESSAGE);

    @ArchTest
    static final ArchRule theTransportSpiSeesMessages = sees(TRANSPORT, TRANSPORT, MESSAGE);

    @ArchTest
    static final ArchRule sqlSeesMessages = sees(SQL, SQL, MESSAGE);

    @ArchTest
    static final ArchRule theWayOutDoesNotSeeTheWayIn = sees(OUTBOX, OUTBOX, MESSAGE, TRANSPORT, SQL);

    @ArchTest
    static final ArchRule theWayInDoesNotSeeTheWayOut =
            sees("io.bida.inbox..", "io.bida.inbox..", MESSAGE, TRANSPORT, SQL);

    @ArchTest
    static final ArchRule theMoverSeesTheWayOut =
            sees("io.bida.relay..", "io.bida.relay..", OUTBOX, MESSAGE, TRANSPORT, SQL);

    @ArchTest
    static final ArchRule theMoverInwardsSeesTheMoverAndTheWayIn =
            sees(STORED, STORED, "io.bida.relay..", "io.bida.inbox..", OUTBOX, MESSAGE, TRANSPORT, SQL);

    @ArchTest
    static void aCarrierSeesNoStore(JavaClasses bida) {
        for (String carrier : CARRIERS) {
            String own = TRANSPORT + "." + carrier + "..";
            sees(own, own, MESSAGE, TRANSPORT).check(bida);
        }
    }

    /** The queue is to it what a client library is to the others. */
    @ArchTest
    static final ArchRule jdbcSeesTheReceiversQueueOnly =
            sees("io.bida.transport.jdbc..", "io.bida.transport.jdbc..", MESSAGE, TRANSPORT, SQL, STORED);

    @ArchTest
    static final ArchRule noLibrarySeesAnApplication =
            noClasses().that(areLibraries()).should().dependOnClassesThat().resideInAnyPackage(APPLICATIONS);

    @ArchTest
    static final ArchRule librariesLogThroughSlf4jOnly = noClasses()
            .that(areLibraries())
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.util.logging..",
                    "ch.qos.logback..",
                    "org.apache.log4j..",
                    "org.apache.logging..",
                    "org.apache.commons.logging..");

    @ArchTest
    static final ArchRule librariesDoNotPrint =
            noClasses().that(areLibraries()).should(GeneralCodingRules.ACCESS_STANDARD_STREAMS);

    /** A machine's clock may be wrong and may jump: what is due, owned or late is told by the database's clock. */
    @ArchTest
    static final ArchRule theRelayReadsNoWallClock = noClasses()
            .that()
            .resideInAnyPackage("io.bida.relay..", "io.bida.outbox..")
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(Clock.class, "systemUTC");

    @ArchTest
    static final ArchRule packagesAreFreeOfCycles =
            slices().matching("io.bida.(**)").should().beFreeOfCycles();

    @ArchTest
    static void everyPackageIsNullMarked(JavaClasses bida) {
        assertThat(bida.getPackage("io.bida").getSubpackagesInTree())
                .filteredOn(each -> !each.getClasses().isEmpty())
                .hasSizeGreaterThan(8)
                .allMatch(ArchitectureTest::isNullMarked);
    }

    private static boolean isNullMarked(JavaPackage each) {
        return each.isAnnotatedWith(NullMarked.class);
    }

    private static DescribedPredicate<JavaClass> areLibraries() {
        return resideInAPackage("io.bida..").and(not(resideInAnyPackage(APPLICATIONS)));
    }

    /** Of Bida, no more than this; what else it may see, its pom says. */
    private static ArchRule sees(String who, String... whom) {
        return classes()
                .that()
                .resideInAPackage(who)
                .should()
                .onlyDependOnClassesThat(not(resideInAPackage("io.bida..")).or(resideInAnyPackage(whom)));
    }
}
