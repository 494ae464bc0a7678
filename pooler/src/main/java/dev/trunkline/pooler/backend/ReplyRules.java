package dev.trunkline.pooler.backend;

import dev.trunkline.pooler.backend.Replies.Kind;
import dev.trunkline.wire.BackendType;

/** Which messages answer which request, and which of them is the last. Source: PostgreSQL manual, "Message Flow". */
final class ReplyRules {
    private ReplyRules() {}

    /** True if a message of this type may be a part of the answer, ErrorResponse, CopyInResponse and ReadyForQuery apart. */
    static boolean allows(Kind kind, byte type) {
        return switch (kind) {
            case QUERY ->
                switch (type) {
                    case BackendType.ROW_DESCRIPTION,
                            BackendType.DATA_ROW,
                            BackendType.COMMAND_COMPLETE,
                            BackendType.EMPTY_QUERY_RESPONSE,
                            BackendType.COPY_OUT_RESPONSE,
                            BackendType.COPY_BOTH_RESPONSE,
                            BackendType.COPY_DATA,
                            BackendType.COPY_DONE -> true;
                    default -> false;
                };
            case EXECUTE ->
                switch (type) {
                    case BackendType.DATA_ROW,
                            BackendType.COMMAND_COMPLETE,
                            BackendType.EMPTY_QUERY_RESPONSE,
                            BackendType.PORTAL_SUSPENDED,
                            BackendType.COPY_OUT_RESPONSE,
                            BackendType.COPY_BOTH_RESPONSE,
                            BackendType.COPY_DATA,
                            BackendType.COPY_DONE -> true;
                    default -> false;
                };
            case FUNCTION_CALL -> type == BackendType.FUNCTION_CALL_RESPONSE;
            case PARSE -> type == BackendType.PARSE_COMPLETE;
            case BIND -> type == BackendType.BIND_COMPLETE;
            case CLOSE -> type == BackendType.CLOSE_COMPLETE;
            case DESCRIBE_STATEMENT -> type == BackendType.PARAMETER_DESCRIPTION || isRowShape(type);
            case DESCRIBE_PORTAL -> isRowShape(type);
            case SYNC, COPY_DATA, COPY_END -> false;
        };
    }

    /** True if this message is the last of the answer; what ends with ReadyForQuery is not completed by any other. */
    static boolean completes(Kind kind, byte type) {
        return switch (kind) {
            case QUERY, FUNCTION_CALL, SYNC, COPY_DATA, COPY_END -> false;
            case PARSE, BIND, CLOSE -> true;
            case DESCRIBE_STATEMENT, DESCRIBE_PORTAL -> isRowShape(type);
            case EXECUTE ->
                type == BackendType.COMMAND_COMPLETE
                        || type == BackendType.EMPTY_QUERY_RESPONSE
                        || type == BackendType.PORTAL_SUSPENDED;
        };
    }

    private static boolean isRowShape(byte type) {
        return type == BackendType.ROW_DESCRIPTION || type == BackendType.NO_DATA;
    }

    /** True if ReadyForQuery is the last of the answer. */
    static boolean endsWithReady(Kind kind) {
        return kind == Kind.QUERY || kind == Kind.SYNC || kind == Kind.FUNCTION_CALL;
    }

    /** True if it is not answered at all. */
    static boolean isMarker(Kind kind) {
        return kind == Kind.COPY_DATA || kind == Kind.COPY_END;
    }

    /** True for a message of the extended protocol that a Sync has to follow. */
    static boolean opensBatch(Kind kind) {
        return !endsWithReady(kind) && !isMarker(kind);
    }
}
