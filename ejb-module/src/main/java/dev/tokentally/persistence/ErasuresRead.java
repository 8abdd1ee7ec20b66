package dev.tokentally.persistence;

import dev.tokentally.config.UserHash;
import dev.tokentally.usage.CallRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * All erasures up to a certain one, as they were read. Only the number of writes that use it changes. Safe for use by many threads.
 */
final class ErasuresRead {

    private final List<AskedErasure> all;
    private final Optional<UserHash> hash;
    private final Map<UUID, AskedErasure> byId = new HashMap<>();
    private final Map<String, OfTenant> tenants = new HashMap<>();
    private final AtomicInteger writes = new AtomicInteger();

    ErasuresRead(List<AskedErasure> all, Optional<UserHash> hash) {
        this.all = all;
        this.hash = hash;
        String check = hash.map(AskedErasure::keyCheck).orElse("");
        for (AskedErasure each : all) {
            byId.put(each.id(), each);
            OfTenant tenant = tenants.computeIfAbsent(each.tenantId(), id -> new OfTenant());
            tenant.byHash
                    .computeIfAbsent(each.userHash(), user -> new ArrayList<>())
                    .add(each);
            if (!check.equals(each.keyCheck())) {
                tenant.ofOtherKeys.add(each);
            }
        }
    }

    /** These erasures and later ones, in their order. */
    ErasuresRead with(List<AskedErasure> later) {
        List<AskedErasure> both = new ArrayList<>(all);
        both.addAll(later);
        return new ErasuresRead(both, hash);
    }

    /** The number of the newest erasure; 0 if there is none. */
    long number() {
        return all.isEmpty() ? 0 : all.get(all.size() - 1).number();
    }

    /** The newest erasure; null if there is none. */
    UUID newest() {
        return all.isEmpty() ? null : all.get(all.size() - 1).id();
    }

    AskedErasure find(UUID id) {
        return byId.get(id);
    }

    /** How many writes that use it are under way. */
    AtomicInteger writes() {
        return writes;
    }

    /** The record as it is to be written. */
    CallRecord of(CallRecord call) {
        OfTenant tenant = call.origin().userId() == null ? null : tenants.get(call.tenantId());
        if (tenant == null) {
            return call;
        }
        AskedErasure meant = tenant.first(call.origin().userId(), call);
        if (meant == null && hash.isPresent()) {
            meant = tenant.first(hash.get().of(call.origin().userId()), call);
        }
        return meant == null ? call : call.withUser(meant.pseudonym());
    }

    /** Whether an erasure was requested under another key, so that this node cannot know whether it concerns the record's user. */
    boolean isDoubtful(CallRecord written) {
        OfTenant tenant = written.origin().userId() == null ? null : tenants.get(written.tenantId());
        return tenant != null
                && tenant.ofOtherKeys.stream().anyMatch(each -> each.concerns(written))
                && all.stream().noneMatch(each -> each.pseudonym()
                        .equals(written.origin().userId()));
    }

    private static final class OfTenant {

        private final Map<String, List<AskedErasure>> byHash = new LinkedHashMap<>();
        private final List<AskedErasure> ofOtherKeys = new ArrayList<>();

        /** The oldest erasure that concerns the call, since the user's other rows have got the pseudonym of this one. */
        private AskedErasure first(String userHash, CallRecord call) {
            for (AskedErasure each : byHash.getOrDefault(userHash, List.of())) {
                if (each.concerns(call)) {
                    return each;
                }
            }
            return null;
        }
    }
}
