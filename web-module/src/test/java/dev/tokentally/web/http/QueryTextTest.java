package dev.tokentally.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.web.problem.ProblemException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The text of a query")
class QueryTextTest {

    @Test
    @DisplayName("has the names of its parameters, in their order and decoded")
    void names() {
        assertThat(QueryText.names(null)).isEmpty();
        assertThat(QueryText.names("")).isEmpty();
        assertThat(QueryText.names("&&")).isEmpty();
        assertThat(QueryText.names("b=1&a&tag.t%C3%A9am=x=y&b=&c+d=e"))
                .containsExactly("b", "a", "tag.t\u00e9am", "b", "c d");
    }

    @Test
    @DisplayName("may have every character in a value, also the one that stands for others")
    void characters() {
        assertThat(QueryText.names("model=a%EF%BF%BDb%0A%00%7f%F0%9F%A6%8A%25zz+~!'()*"))
                .containsExactly("model");
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("is refused if it is not percent-encoded UTF-8, and the message names the parameter")
    @CsvSource({
        "model=%zz, model",
        "model=a%, model",
        "model=a%4, model",
        "model=%+1, model",
        "model=%-1, model",
        "model=%\uff11\uff12, model",
        "a=b&model=%FF, model",
        "model=%C0%AF, model",
        "model=%ED%A0%80, model",
        "model=%E2%82, model",
        "model=%E2%82&a=b, model",
        "t%C3%A9am=%E2, t\u00e9am",
        "model=\u00e9, model",
        "%FF=x, %FF",
        "%0A%FF=x, %0A%FF",
        "'%0Ab=%FF', ' b'"
    })
    void refused(String query, String name) {
        assertThatThrownBy(() -> QueryText.names(query))
                .isInstanceOf(ProblemException.class)
                .hasMessage("parameter " + name + " is not percent-encoded UTF-8");
    }
}
