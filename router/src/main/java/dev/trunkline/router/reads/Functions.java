package dev.trunkline.router.reads;

import java.util.Set;

/** What is known of PostgreSQL's own functions beyond their volatility, by their names. */
final class Functions {
    /** A function of that name is in the catalog. */
    static final int KNOWN = 1 << 8;
    /** One of that name is volatile. */
    static final int VOLATILE = 1 << 9;
    /** Its result is that of the server that is asked. */
    static final int LOCAL = 1 << 10;
    /** It reads a setting, which is the session's own if its name has a dot. */
    static final int SETTING = 1 << 11;

    /**
     * Of those that begin with pg_ or inet_, which tell of the server, these tell of the data or of their arguments alone. A client
     * that has a schema for temporary tables keeps its server connection, so that this schema is not looked for elsewhere.
     */
    private static final Set<String> SAME_EVERYWHERE = Set.of("""
            pg_basetype pg_char_to_encoding pg_client_encoding pg_collation_for pg_collation_is_visible pg_column_compression pg_column_is_updatable
            pg_column_size pg_conversion_is_visible pg_describe_object pg_encoding_max_length pg_encoding_to_char pg_function_is_visible
            pg_get_catalog_foreign_keys pg_get_constraintdef pg_get_expr pg_get_function_arg_default pg_get_function_arguments
            pg_get_function_identity_arguments pg_get_function_result pg_get_function_sqlbody pg_get_functiondef pg_get_indexdef
            pg_get_keywords pg_get_object_address pg_get_partition_constraintdef pg_get_partkeydef
            pg_get_publication_tables pg_get_ruledef pg_get_serial_sequence pg_get_statisticsobjdef pg_get_statisticsobjdef_columns
            pg_get_statisticsobjdef_expressions pg_get_triggerdef pg_get_userbyid pg_get_viewdef pg_has_role pg_identify_object
            pg_identify_object_as_address pg_index_column_has_property pg_index_has_property pg_indexam_has_property pg_input_error_info
            pg_input_is_valid pg_is_other_temp_schema pg_lsn pg_mcv_list_items pg_my_temp_schema pg_opclass_is_visible pg_operator_is_visible
            pg_opfamily_is_visible pg_options_to_table pg_partition_ancestors pg_partition_root pg_partition_tree
            pg_relation_is_updatable pg_sequence_parameters pg_size_bytes pg_size_pretty pg_statistics_obj_is_visible
            pg_table_is_visible pg_ts_config_is_visible pg_ts_dict_is_visible pg_ts_parser_is_visible pg_ts_template_is_visible
            pg_type_is_visible pg_typeof pg_wal_lsn_diff inet_merge inet_same_family""".split("\\s+"));

    /** They tell of the server too. */
    private static final Set<String> LOCAL_NAMES = Set.of("version", "mxid_age");

    /** They read whatever table or view a string names. */
    private static final Set<String> READ_BY_NAME = Set.of("""
            cursor_to_xml cursor_to_xmlschema database_to_xml database_to_xml_and_xmlschema database_to_xmlschema query_to_xml
            query_to_xml_and_xmlschema query_to_xmlschema schema_to_xml schema_to_xml_and_xmlschema schema_to_xmlschema table_to_xml
            table_to_xml_and_xmlschema table_to_xmlschema""".split("\\s+"));

    private Functions() {}

    /**
     * What a function is.
     *
     * @param name in lower case
     * @param isVolatile what the catalog says
     */
    static int flags(String name, boolean isVolatile) {
        int flags = KNOWN | (isVolatile || READ_BY_NAME.contains(name) ? VOLATILE : 0) | (isLocal(name) ? LOCAL : 0);
        return name.equals("current_setting") ? flags | SETTING : flags;
    }

    private static boolean isLocal(String name) {
        boolean told = name.startsWith("pg_") || name.startsWith("inet_") || name.startsWith("txid_");
        return told ? !SAME_EVERYWHERE.contains(name) : LOCAL_NAMES.contains(name);
    }
}
