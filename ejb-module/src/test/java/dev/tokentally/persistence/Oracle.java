package dev.tokentally.persistence;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokentally.usage.CallFilter;
import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.Figures;
import dev.tokentally.usage.SeriesFigures;
import dev.tokentally.usage.Spread;
import dev.tokentally.usage.UncertainCalls;
import dev.tokentally.usage.UsageBlock;
import dev.tokentally.usage.UsageReport;
import dev.tokentally.usage.Window;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Counts the reports call by call, as their rules say. */
record Oracle(List<CallRecord> all) {

    /** The report of one tenant. */
    UsageBlock block(String name, Dimension by, List<CallRecord> calls) {
        return report(List.of(by), calls).asBlock(name);
    }

    UsageReport report(Dimension of, Dimension by, Window window) {
        UsageReport report = report(by == null ? List.of(of) : List.of(of, by), in(window));
        return of == Dimension.TENANT ? report.byName() : report;
    }

    UsageReport report(List<Dimension> dimensions, List<CallRecord> calls) {
        List<UsageBlock> blocks = dimensions.isEmpty() ? List.of() : blocks(dimensions, List.of(), calls);
        List<UsageBlock> seconds =
                dimensions.size() < 2 ? List.of() : blocks(dimensions.subList(1, 2), List.of(), calls);
        return new UsageReport(blocks, block(null, List.of(), seconds, calls));
    }

    private List<UsageBlock> blocks(List<Dimension> left, List<Dimension> within, List<CallRecord> calls) {
        List<Dimension> more =
                Stream.concat(within.stream(), Stream.of(left.get(0))).toList();
        List<Dimension> rest = left.subList(1, left.size());
        return groups(left.get(0), calls).entrySet().stream()
                .map(group -> block(
                        group.getKey().orElse(null),
                        more,
                        rest.isEmpty() ? List.of() : blocks(rest, more, group.getValue()),
                        group.getValue()))
                .sorted(dearestFirst())
                .toList();
    }

    private static UsageBlock block(
            String name, List<Dimension> within, List<UsageBlock> parts, List<CallRecord> calls) {
        return new UsageBlock(
                name,
                figures(calls.stream()
                        .collect(Collectors.groupingBy(call -> invocation(call, within)))
                        .values()),
                figures(calls.stream().map(List::of).toList()),
                parts);
    }

    static boolean has(Map<Dimension, String> values, CallRecord call) {
        return values.entrySet().stream()
                .allMatch(wanted ->
                        Objects.requireNonNullElse(wanted.getKey().of(call), "").equals(wanted.getValue()));
    }

    List<CallRecord> in(Window window) {
        return all.stream().filter(call -> isIn(window, call)).toList();
    }

    List<CallRecord> of(String tenantId, Window window) {
        return in(window).stream()
                .filter(call -> call.tenantId().equals(tenantId))
                .toList();
    }

    List<CallRecord> list(String tenantId, CallFilter filter, CallPosition after, int limit) {
        Comparator<CallRecord> newestFirst = Comparator.comparing(CallRecord::startedAt)
                .thenComparing(call -> call.id().toString())
                .reversed();
        return in(filter.window()).stream()
                .filter(call -> tenantId == null || call.tenantId().equals(tenantId))
                .filter(call -> has(filter.values(), call))
                .filter(call -> filter.status() == null || call.status() == filter.status())
                .filter(call -> filter.callId() == null || call.callId().equals(filter.callId()))
                .sorted(newestFirst)
                .dropWhile(call -> after != null && !isAfter(after, call))
                .limit(limit)
                .toList();
    }

    static SeriesFigures sums(List<CallRecord> calls) {
        return new SeriesFigures(
                calls.size(),
                calls.stream().filter(call -> !isOk(call)).count(),
                calls.stream().filter(Oracle::isAnsweredUnpriced).count(),
                uncertain(calls.stream().map(List::of).toList()),
                cost(calls),
                calls.stream()
                        .filter(Oracle::isOk)
                        .mapToLong(call -> call.tokens().input())
                        .sum(),
                calls.stream()
                        .filter(Oracle::isOk)
                        .mapToLong(call -> call.tokens().output())
                        .sum());
    }

    static Map<Optional<String>, List<CallRecord>> groups(Dimension dimension, List<CallRecord> calls) {
        return calls.stream().collect(Collectors.groupingBy(call -> Optional.ofNullable(dimension.of(call))));
    }

    private static List<Object> invocation(CallRecord call, List<Dimension> within) {
        return List.of(
                call.tenantId(),
                call.operation(),
                call.callId(),
                within.stream()
                        .map(dimension -> Optional.ofNullable(dimension.of(call)))
                        .toList());
    }

    private static Figures figures(Collection<List<CallRecord>> units) {
        List<List<CallRecord>> ok = units.stream()
                .filter(calls -> calls.stream().anyMatch(Oracle::isOk))
                .toList();
        return new Figures(
                units.size(),
                units.size() - ok.size(),
                having(units, Oracle::isAnsweredUnpriced),
                uncertain(units),
                units.stream().map(Oracle::cost).reduce(BigDecimal.ZERO, BigDecimal::add),
                spread(ok, call -> call.callDuration().toMillis()),
                spread(ok, call -> call.tokens().input()),
                spread(ok, call -> call.tokens().output()));
    }

    private static UncertainCalls uncertain(Collection<List<CallRecord>> units) {
        return new UncertainCalls(
                having(units, Oracle::isUnpriced),
                having(units, call -> call.costSource() == CostSource.PARTIAL),
                having(units, call -> call.costSource() == CostSource.MAYBE_BILLED));
    }

    private static long having(Collection<List<CallRecord>> units, Predicate<CallRecord> condition) {
        return units.stream()
                .filter(calls -> calls.stream().anyMatch(condition))
                .count();
    }

    private static Spread spread(List<List<CallRecord>> units, ToLongFunction<CallRecord> value) {
        long[] sorted = units.stream()
                .mapToLong(calls -> calls.stream().mapToLong(value).sum())
                .sorted()
                .toArray();
        if (sorted.length == 0) {
            return Spread.ZERO;
        }
        long sum = 0;
        for (long each : sorted) {
            sum += each;
        }
        return new Spread(
                (double) sum / sorted.length,
                sorted[0],
                sorted[sorted.length - 1],
                percentile(0.05, sorted),
                percentile(0.95, sorted),
                sum);
    }

    private static double percentile(double fraction, long[] sorted) {
        double place = fraction * (sorted.length - 1);
        int below = (int) Math.floor(place);
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }

    private static boolean isIn(Window window, CallRecord call) {
        return (window.from() == null || !call.startedAt().isBefore(window.from()))
                && (window.to() == null || call.startedAt().isBefore(window.to()));
    }

    private static boolean isAfter(CallPosition position, CallRecord call) {
        int time = call.startedAt().compareTo(position.startedAt());
        return time < 0
                || time == 0 && call.id().toString().compareTo(position.id().toString()) < 0;
    }

    private static boolean isOk(CallRecord call) {
        return call.status() == CallStatus.OK;
    }

    private static boolean isUnpriced(CallRecord call) {
        boolean used = call.tokens().input() > 0 || call.tokens().output() > 0;
        return call.costSource() == CostSource.NONE && (isOk(call) || used);
    }

    private static boolean isAnsweredUnpriced(CallRecord call) {
        return isOk(call) && call.costSource() == CostSource.NONE;
    }

    private static BigDecimal cost(List<CallRecord> calls) {
        return calls.stream().map(CallRecord::costUsd).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static Comparator<UsageBlock> dearestFirst() {
        return Comparator.comparing((UsageBlock block) -> block.perCall().totalCostUsd())
                .reversed()
                .thenComparing(byName());
    }

    /** The order of bytes in UTF-8 is the order of code points. */
    private static Comparator<UsageBlock> byName() {
        return Comparator.comparing(
                UsageBlock::name,
                Comparator.nullsFirst((a, b) -> Arrays.compareUnsigned(a.getBytes(UTF_8), b.getBytes(UTF_8))));
    }
}
