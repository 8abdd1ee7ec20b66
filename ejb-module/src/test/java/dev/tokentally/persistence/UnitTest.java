package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The unit of an interval")
final class UnitTest {

    @Test
    @DisplayName("keeps the number that stored rows have, and so do the parts of quarters")
    void codes() {
        assertThat(Unit.QUARTER.code()).isEqualTo(0);
        assertThat(Unit.DAY.code()).isEqualTo(1);
        assertThat(Unit.MONTH.code()).isEqualTo(2);
        assertThat(Cell.FIRST_PART).isEqualTo(3);
    }

    @Test
    @DisplayName("is found by its number, which no part has")
    void found() {
        for (Unit unit : Unit.values()) {
            assertThat(unit.code()).isLessThan(Cell.FIRST_PART);
            assertThat(Unit.of(unit.code())).isEqualTo(unit);
        }
        assertThat(Unit.of(Cell.FIRST_PART)).isEqualTo(Unit.QUARTER);
        assertThat(Unit.of(Cell.FIRST_PART + 1)).isEqualTo(Unit.QUARTER);
    }
}
