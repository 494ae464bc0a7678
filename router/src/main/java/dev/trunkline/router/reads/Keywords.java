package dev.trunkline.router.reads;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The key words of PostgreSQL 13 to 18, each with what it means in front of a parenthesis. Source: the manual's appendix "SQL Key
 * Words"; a test compares it with the list that a server has.
 */
final class Keywords {
    /** Any key word. */
    static final int KEYWORD = 1;
    /** Never the name of anything, unless quoted or behind a dot. */
    static final int RESERVED = 1 << 1;
    /** Never the name of a function, unless quoted or behind a dot: in front of a parenthesis it is syntax. */
    static final int SYNTAX = 1 << 2;
    /** In front of a parenthesis it is syntax, or the name of a function that somebody made. */
    static final int MAY_BE_SYNTAX = 1 << 3;
    /** Something is to be done when it comes by. */
    static final int ACTS = 1 << 4;

    private static final List<String> RESERVED_WORDS = words("""
            all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create current_catalog
            current_date current_role current_time current_timestamp current_user default deferrable desc distinct do else end except
            false fetch for foreign from grant group having in initially intersect into lateral leading limit localtime localtimestamp
            not null offset on only or order placing primary references returning select session_user some symmetric system_user table
            then to trailing true union unique user using variadic when where window with""");

    /** Names of columns and tables, but not of functions, in every version. */
    private static final List<String> SYNTAX_WORDS = words("""
            between bigint bit boolean char character coalesce dec decimal exists extract float greatest grouping inout int integer
            interval least national nchar none normalize nullif numeric out position precision real row setof smallint time timestamp
            treat trim values varchar xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot
            xmlserialize xmltable""");

    /** Those that begin with json are no key words yet in older versions. */
    private static final List<String> OPEN_WORDS = words("""
            by columns cube escape filter first groups ilike join json json_array json_arrayagg json_exists json_object json_objectagg
            json_query json_scalar json_serialize json_table json_value materialized next operator over passing range repeatable rollup
            rows second sets varying within zone""");

    /** What {@code substring} and {@code overlay} call is looked up like any function. */
    private static final List<String> OTHER_WORDS = words("""
            abort absent absolute access action add admin after aggregate also alter always asensitive assertion assignment at atomic
            attach attribute authorization backward before begin binary breadth cache call called cascade cascaded catalog chain
            characteristics checkpoint class close cluster collation comment comments commit committed compression concurrently
            conditional configuration conflict connection constraints content continue conversion copy cost cross csv current
            current_schema cursor cycle data database day deallocate declare defaults deferred definer delete delimiter delimiters
            depends depth detach dictionary disable discard document domain double drop each empty enable encoding encrypted enforced
            enum error event exclude excluding exclusive execute explain expression extension external family finalize following force
            format forward freeze full function functions generated global granted handler header hold hour identity if immediate
            immutable implicit import include including increment indent index indexes inherit inherits inline inner input insensitive
            insert instead invoker is isnull isolation keep key keys label language large last leakproof left level like listen load
            local location lock locked logged mapping match matched maxvalue merge merge_action method minute minvalue mode month move
            name names natural nested new nfc nfd nfkc nfkd no normalized nothing notify notnull nowait nulls object objects of off
            oids old omit option options ordinality others outer overlaps overlay overriding owned owner parallel parameter parser
            partial partition password path period plan plans policy preceding prepare prepared preserve prior privileges procedural
            procedure procedures program publication quote quotes read reassign recheck recursive ref referencing refresh reindex
            relative release rename replace replica reset restart restrict return returns revoke right role rollback routine routines
            rule savepoint scalar schema schemas scroll search security sequence sequences serializable server session set share show
            similar simple skip snapshot source sql stable standalone start statement statistics stdin stdout storage stored strict
            string strip subscription substring support sysid system tables tablesample tablespace target temp template temporary text
            ties transaction transform trigger truncate trusted type types uescape unbounded uncommitted unconditional unencrypted
            unknown unlisten unlogged until update vacuum valid validate validator value verbose version view views virtual volatile
            whitespace without work wrapper write xml year yes""");

    /** In the order of their places. */
    static final List<String> ALL = all();

    static final int AS = place("as");
    static final int DELETE = place("delete");
    static final int EXPLAIN = place("explain");
    static final int FOR = place("for");
    static final int INSERT = place("insert");
    static final int INTO = place("into");
    static final int KEY = place("key");
    static final int MATERIALIZED = place("materialized");
    static final int MERGE = place("merge");
    static final int NO = place("no");
    static final int ON = place("on");
    static final int OPERATOR = place("operator");
    static final int ORDINALITY = place("ordinality");
    static final int RECURSIVE = place("recursive");
    static final int SELECT = place("select");
    static final int SHARE = place("share");
    static final int SHOW = place("show");
    static final int TABLE = place("table");
    static final int TABLESAMPLE = place("tablesample");
    static final int UPDATE = place("update");
    static final int VALUES = place("values");
    static final int WITH = place("with");

    private static final List<Integer> ACTING =
            List.of(DELETE, INSERT, INTO, KEY, MERGE, NO, SELECT, SHARE, TABLE, UPDATE, VALUES, WITH);

    private Keywords() {}

    /** What the key word at that place is. */
    static int flags(int place) {
        int flags = KEYWORD | (ACTING.contains(place) ? ACTS : 0);
        if (place < RESERVED_WORDS.size()) {
            return flags | RESERVED | SYNTAX;
        }
        int behind = place - RESERVED_WORDS.size();
        if (behind < SYNTAX_WORDS.size()) {
            return flags | SYNTAX;
        }
        return behind - SYNTAX_WORDS.size() < OPEN_WORDS.size() ? flags | MAY_BE_SYNTAX : flags;
    }

    /** True if a statement that reads begins with it. */
    static boolean beginsRead(int place) {
        return place == SELECT || place == WITH || place == VALUES || place == TABLE;
    }

    /** As errors and documents write it. */
    static String upper(int place) {
        return ALL.get(place).toUpperCase(Locale.ROOT);
    }

    static boolean writes(int place) {
        return place == INSERT || place == UPDATE || place == DELETE || place == MERGE;
    }

    /** True if it says behind FOR which rows are locked how. */
    static boolean locks(int place) {
        return place == UPDATE || place == SHARE || place == NO || place == KEY;
    }

    private static List<String> all() {
        List<String> all = new ArrayList<>(RESERVED_WORDS);
        all.addAll(SYNTAX_WORDS);
        all.addAll(OPEN_WORDS);
        all.addAll(OTHER_WORDS);
        return List.copyOf(all);
    }

    private static int place(String word) {
        int place = ALL.indexOf(word);
        if (place < 0) {
            throw new IllegalArgumentException(word);
        }
        return place;
    }

    private static List<String> words(String text) {
        return List.of(text.split("\\s+"));
    }
}
