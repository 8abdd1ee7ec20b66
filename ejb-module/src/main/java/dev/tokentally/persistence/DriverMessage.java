package dev.tokentally.persistence;

import java.lang.reflect.InvocationTargetException;
import java.sql.SQLException;
import java.util.Optional;

/**
 * What PostgreSQL's driver knows about an error beside its text, which may be in any language. The driver belongs to the server, so
 * its classes are found by their names.
 *
 * @param table the table's name; null if the error is about none
 * @param constraint the constraint's name; null if the error is about none
 */
record DriverMessage(String table, String constraint) {

    /** Empty if the exception is not the driver's, or if it was not made from an answer of the database. */
    static Optional<DriverMessage> of(SQLException failure) {
        try {
            Object message = value(failure, "getServerErrorMessage");
            return message == null
                    ? Optional.empty()
                    : Optional.of(new DriverMessage(
                            (String) value(message, "getTable"), (String) value(message, "getConstraint")));
        } catch (NoSuchMethodException
                | IllegalAccessException
                | InvocationTargetException
                | RuntimeException
                | LinkageError otherDriver) {
            return Optional.empty();
        }
    }

    private static Object value(Object of, String getter)
            throws NoSuchMethodException, IllegalAccessException, InvocationTargetException {
        return of.getClass().getMethod(getter).invoke(of);
    }
}
