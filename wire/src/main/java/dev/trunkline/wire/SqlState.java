package dev.trunkline.wire;

/** The SQLSTATE codes that Trunkline sends or looks for. Source: PostgreSQL manual, appendix "PostgreSQL Error Codes". */
public enum SqlState {
    SUCCESSFUL_COMPLETION("00000"),
    WARNING("01000"),
    CONNECTION_FAILURE("08006"),
    PROTOCOL_VIOLATION("08P01"),
    FEATURE_NOT_SUPPORTED("0A000"),
    INVALID_PARAMETER_VALUE("22023"),
    READ_ONLY_SQL_TRANSACTION("25006"),
    INVALID_SQL_STATEMENT_NAME("26000"),
    INVALID_AUTHORIZATION("28000"),
    INVALID_PASSWORD("28P01"),
    INVALID_CATALOG_NAME("3D000"),
    SYNTAX_ERROR("42601"),
    UNDEFINED_OBJECT("42704"),
    DUPLICATE_PREPARED_STATEMENT("42P05"),
    IDLE_IN_TRANSACTION_SESSION_TIMEOUT("25P03"),
    INSUFFICIENT_PRIVILEGE("42501"),
    PROGRAM_LIMIT_EXCEEDED("54000"),
    TOO_MANY_CONNECTIONS("53300"),
    CONFIGURATION_LIMIT_EXCEEDED("53400"),
    QUERY_CANCELED("57014"),
    ADMIN_SHUTDOWN("57P01"),
    CRASH_SHUTDOWN("57P02"),
    CANNOT_CONNECT_NOW("57P03"),
    IDLE_SESSION_TIMEOUT("57P05"),
    INTERNAL_ERROR("XX000");

    private final String code;

    SqlState(String code) {
        this.code = code;
    }

    /** The five characters. */
    public String code() {
        return code;
    }
}
