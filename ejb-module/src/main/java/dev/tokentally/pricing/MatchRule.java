package dev.tokentally.pricing;

import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** A rule of genai-prices that selects names. It ignores upper and lower case. Safe for use by many threads. */
@FunctionalInterface
interface MatchRule {

    /** The result of applying a rule to a name. */
    enum Answer {
        YES,
        NO,
        /** The rule is not understood, or needs too much time. */
        UNKNOWN
    }

    MatchRule NOT_UNDERSTOOD = name -> Answer.UNKNOWN;

    Answer matches(String name);

    static MatchRule equalTo(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        return asked -> answer(asked.equals(wanted));
    }

    private static Answer answer(boolean matches) {
        return matches ? Answer.YES : Answer.NO;
    }

    /** Reads a rule; returns {@link #NOT_UNDERSTOOD} if it is not understood. */
    static MatchRule of(JsonValue value) {
        if (!(value instanceof JsonObject rule) || rule.size() != 1) {
            return NOT_UNDERSTOOD;
        }
        Map.Entry<String, JsonValue> clause = rule.entrySet().iterator().next();
        if (clause.getValue() instanceof JsonString text) {
            return ofText(clause.getKey(), text.getString());
        }
        if (clause.getValue() instanceof JsonArray clauses && !clauses.isEmpty()) {
            List<MatchRule> rules = new ArrayList<>();
            clauses.forEach(each -> rules.add(of(each)));
            return switch (clause.getKey()) {
                case "or" -> name -> any(rules, name, Answer.YES, Answer.NO);
                case "and" -> name -> any(rules, name, Answer.NO, Answer.YES);
                default -> NOT_UNDERSTOOD;
            };
        }
        return NOT_UNDERSTOOD;
    }

    private static Answer any(List<MatchRule> rules, String name, Answer decisive, Answer otherwise) {
        Answer answer = otherwise;
        for (MatchRule rule : rules) {
            Answer one = rule.matches(name);
            if (one == decisive) {
                return decisive;
            }
            answer = one == Answer.UNKNOWN ? one : answer;
        }
        return answer;
    }

    private static MatchRule ofText(String how, String text) {
        String wanted = text.toLowerCase(Locale.ROOT);
        return switch (how) {
            case "equals" -> name -> answer(name.equals(wanted));
            case "starts_with" -> name -> answer(name.startsWith(wanted));
            case "ends_with" -> name -> answer(name.endsWith(wanted));
            case "contains" -> name -> answer(name.contains(wanted));
            case "regex" -> regex(text);
            default -> NOT_UNDERSTOOD;
        };
    }

    private static MatchRule regex(String expression) {
        if (expression.length() > BoundedText.LONGEST_EXPRESSION) {
            return NOT_UNDERSTOOD;
        }
        Pattern pattern;
        try {
            pattern = Pattern.compile(expression, Pattern.CASE_INSENSITIVE);
        } catch (PatternSyntaxException | StackOverflowError e) {
            return NOT_UNDERSTOOD;
        }
        return name -> {
            try {
                return answer(pattern.matcher(new BoundedText(name)).find());
            } catch (BoundedText.TooOftenException | StackOverflowError e) {
                return Answer.UNKNOWN;
            }
        };
    }

    /**
     * A name that limits how often its characters are read, since some regular expressions would practically never end.
     */
    final class BoundedText implements CharSequence {

        static final int LONGEST_EXPRESSION = 1000;

        private static final int MOST_READS = 20_000;

        private final String text;
        private int reads;

        BoundedText(String text) {
            this.text = text;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            reads++;
            if (reads > MOST_READS) {
                throw new TooOftenException();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text;
        }

        /** Stops a match that reads too many characters. */
        static final class TooOftenException extends RuntimeException {

            private static final long serialVersionUID = 1L;

            TooOftenException() {
                super(null, null, false, false);
            }
        }
    }
}
