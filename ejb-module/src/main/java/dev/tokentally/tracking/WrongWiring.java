package dev.tokentally.tracking;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.scope.ApplicationBeans;
import dev.tokentally.tracking.WiredBean.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds ports of an application whose calls would have no records, before any call is made and without creating a bean. It tells
 * only what is certain. So if all calls of an application are recorded, its log has none of these lines.
 */
record WrongWiring(List<WiredBean> beans) {

    private static final String DECORATOR = TrackingLlmDecorator.class.getName();

    /** One line for each kind of fault, with its remedy. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        add(
                lines,
                names(bean -> bean.kind() == Kind.CLASS && hasPortAsType(bean)),
                names -> "Calls of these LlmPort beans have no records, as the decorator is not enabled for them: "
                        + names
                        + ". Add <decorators><class>" + DECORATOR
                        + "</class></decorators> to the beans.xml of the archive"
                        + " that each is in (META-INF/beans.xml of a jar, WEB-INF/beans.xml of a WAR). If the archive is a jar"
                        + " in an EAR's lib/, first move the bean into an EJB module or a WAR: with the decorator in a"
                        + " beans.xml of lib/ Payara does not deploy the EAR");
        add(
                lines,
                names(bean -> bean.kind() == Kind.CLASS && !hasPortAsType(bean)),
                names ->
                        "Calls of these beans have no records, as LlmPort is not among their bean types, so CDI does not"
                                + " decorate them: " + names
                                + ". Add LlmPort.class to their @Typed; a session bean needs"
                                + " @Local(LlmPort.class)");
        add(
                lines,
                names(bean -> bean.kind() != Kind.CLASS),
                names -> "Calls of LlmPort beans that a producer or an extension makes have no records, as CDI does not"
                        + " decorate these: " + names
                        + ". Make a bean of a class that implements LlmPort, in an archive"
                        + " whose beans.xml lists " + DECORATOR + " under <decorators>");
        return lines;
    }

    private static boolean hasPortAsType(WiredBean bean) {
        return bean.types().stream().map(ApplicationBeans::rawType).anyMatch(LlmPort.class::equals);
    }

    private Stream<String> names(Predicate<WiredBean> which) {
        return beans.stream()
                .filter(WiredBean::isPort)
                .filter(bean -> !bean.followed() && !bean.mayBeRecorded())
                .filter(which)
                .map(WiredBean::name);
    }

    /** Adds a line if there are any names. They are sorted, so that two starts write the same line. */
    static void add(List<String> lines, Stream<String> names, UnaryOperator<String> line) {
        TreeSet<String> sorted = names.collect(Collectors.toCollection(TreeSet::new));
        if (!sorted.isEmpty()) {
            lines.add(line.apply(String.join(", ", sorted)));
        }
    }
}
