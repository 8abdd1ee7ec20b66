package dev.tokentally.persistence;

import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;

/** SQL of our own that goes through JPA, and so belongs to the transaction of the entity manager. */
final class NativeSql {

    private NativeSql() {}

    /**
     * Makes a query or a statement.
     *
     * @param values what stands for {@code ?1}, {@code ?2} and so on
     */
    static Query query(EntityManager entities, String sql, Object... values) {
        Query query = entities.createNativeQuery(sql);
        for (int i = 0; i < values.length; i++) {
            query.setParameter(i + 1, values[i]);
        }
        return query;
    }
}
