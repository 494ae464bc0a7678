# How the JVM is started; read by bin/trunkline. Sets nothing and starts nothing by itself.
# shellcheck shell=sh

# What is shipped, chosen by measurement: docs/performance.md, "Start-up". The AOT cache is made with the same options, because the
# JVM refuses one that was made with other object headers. TRUNKLINE_JAVA_OPTS stands behind these and wins.
# - Xmn, Xms: a query allocates nothing, and what logins leave behind is copied in a millisecond; a larger young generation would
#   only stay resident. The heap grows from Xms up to its limit as clients come.
# - TrimNativeHeapInterval: gives what the compilers have used back to the operating system, once a second.
# - leakDetection: to find leaks Netty would note a stack trace for one buffer in 128; the tests follow every buffer instead.
# - pollAddMultishot: on io_uring a peer that went while it was not read would never be missed: docs/decisions.md, "One poll for each
#   read on io_uring".
# - recvMultiShot: a read that stays armed goes on for a turn when a client is to be read no more, past its water marks; it saves nothing.
# - MaxRAMPercentage: of the machine's or the container's memory, for the heap, and as much again for buffers outside of it.
# - Xlog: what the JVM itself has to say goes to stderr, as the log does.
JVM_OPTIONS='--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow
    -XX:+UseSerialGC -XX:+UseCompactObjectHeaders -XX:MaxRAMPercentage=25 -Xms32m -Xmn8m
    -XX:TrimNativeHeapInterval=1000
    -Xlog:disable -Xlog:all=warning:stderr
    -Dio.netty.leakDetection.level=disabled -Dio.netty.iouring.pollAddMultishotEnabled=false
    -Dio.netty.iouring.recvMultiShotEnabled=false'

# The jars of directory $1, divided by colons, in the order of their bytes: an AOT cache is for one class path, and the order in
# which a JVM expands lib/* is that of the file system.
class_path() {
    (
        LC_ALL=C
        jars=''
        for jar in "$1"/*.jar; do
            jars=$jars${jars:+:}$jar
        done
        printf '%s\n' "$jars"
    )
}

# What the AOT cache of the distribution $1 is for: the size, time and name of each jar. The JVM compares the JDK and the options, but
# JDK 25 looks at some of the jars only, and would run old classes from the cache.
cache_key() {
    (cd "$1/lib" && { stat -c '%s %Y %n' ./*.jar || stat -f '%z %m %N' ./*.jar; }) 2>/dev/null
}

# True if the distribution $1 has an AOT cache for its jars.
cache_fits() {
    [ -s "$1/trunkline.aot" ] && cache_key "$1" | cmp -s - "$1/trunkline.aot.for"
}

# Makes the AOT cache of the distribution $2 with the JDK $1: a proxy runs for a few seconds among stand-ins and is recorded. Status 1
# if that fails; then there is no cache, and the log $3 tells why.
make_cache() {
    cache=$2/trunkline.aot
    new=$cache.$$
    rm -f "$cache" "$cache.for"
    # No options of the operator's: a debugger or an agent would spoil it.
    # shellcheck disable=SC2086
    (unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS
        exec "$1/bin/java" $JVM_OPTIONS -Xlog:all=error:stderr -XX:AOTCacheOutput="$new" \
            -cp "$(class_path "$2/lib")" dev.trunkline.server.Training) </dev/null >"$3" 2>&1
    status=$?
    # Under its name only when it is whole: a JVM does not check what is in the middle.
    if [ "$status" = 0 ] && [ -s "$new" ] && cache_key "$2" >"$cache.for" && mv "$new" "$cache"; then
        rm -f "$new.config"
        return 0
    fi
    rm -f "$new" "$new.config" "$cache.for"
    return 1
}
