package dev.trunkline.server.config;

/**
 * One row of the table of settings.
 *
 * @param meaning one sentence for the documentation
 */
record Setting<T>(Scope scope, String name, ValueType<T> type, Absence<T> absence, String meaning) {

    /** What it means that the setting is not in the file. */
    sealed interface Absence<T> {
        /** In the documentation's column "default". */
        String describe(ValueType<T> type);
    }

    /** It then has this value. */
    record Default<T>(T value) implements Absence<T> {
        @Override
        public String describe(ValueType<T> type) {
            return "`" + type.format(value) + "`";
        }
    }

    /** It then has no value of its own; {@code effect} says what holds instead. */
    record Unset<T>(String effect) implements Absence<T> {
        @Override
        public String describe(ValueType<T> type) {
            return effect;
        }
    }

    /** That is a mistake. */
    record Required<T>() implements Absence<T> {
        @Override
        public String describe(ValueType<T> type) {
            return "required";
        }
    }
}
