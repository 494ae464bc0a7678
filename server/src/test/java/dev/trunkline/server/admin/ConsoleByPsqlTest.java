package dev.trunkline.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.state.SampleState;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.TxStatus;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console as a person sees it: psql, over a socket, on the database pgbouncer. */
class ConsoleByPsqlTest {
    private final SampleState state = new SampleState();
    private final AdminConsole console = new AdminConsole(
            state,
            new AdminConsole.Powers(
                    (_, _) -> {
                        throw new AssertionError("no switchover");
                    },
                    new FakePools(),
                    (_, _) -> new AdminResult.Empty()),
            "0.1.0",
            Runnable::run,
            Duration.ofSeconds(5));
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private Channel server;

    @TempDir
    private Path directory;

    @BeforeEach
    void listen() throws InterruptedException {
        server = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel client) {
                        client.pipeline().addLast(new TrustingLogin(console));
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
    }

    @AfterEach
    void stop() throws InterruptedException {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS);
    }

    @Test
    void showPools_isAlignedByPsqlWithThePgBouncerColumns() throws Exception {
        Run run = psql("-c", "SHOW POOLS;");

        assertThat(run.status()).as(run.output()).isZero();
        assertThat(run.output())
                .contains("database | user | cl_active | cl_waiting")
                .contains(" app      | joe  |         6 |          2")
                .contains("(1 row)");
    }

    @Test
    void everyShow_isReadableByPsql() throws Exception {
        List<String> arguments = new ArrayList<>();
        for (String what : List.of("clients", "servers", "databases", "targets", "clusters", "version", "timezone")) {
            arguments.addAll(List.of("-c", "show " + what));
        }
        Run run = psql(arguments.toArray(String[]::new));

        assertThat(run.status()).as(run.output()).isZero();
        assertThat(run.output())
                .contains("waiting", "active", "force_user", "sv_max", "lag is unknown", "PgBouncer 1.25.2", "GMT");
    }

    @Test
    void showHelp_isPrintedAsANotice() throws Exception {
        Run run = psql("-c", "SHOW HELP");

        assertThat(run.status()).as(run.output()).isZero();
        assertThat(run.output()).contains("NOTICE:  Console usage", "SHOW HELP|DATABASES|POOLS", "SHOW\n");
    }

    @Test
    void severalStatementsOfOneString_areRunInOneQuery() throws Exception {
        Run run = psql("-c", "SET client_encoding = 'UTF8'; SHOW VERSION; SHOW DATABASES");

        assertThat(run.status()).as(run.output()).isZero();
        assertThat(run.output()).contains("SET ignored", "PgBouncer 1.25.2", "reserve_pool_size");
    }

    @Test
    void wrongCommand_isAnErrorAndTheSessionGoesOn() throws Exception {
        Path script = Files.writeString(directory.resolve("script.sql"), "FOO;\nRELOAD;\nSHOW VERSION;\n");
        Run run = psql("-f", script.toString());

        assertThat(run.output())
                .contains("ERROR:  invalid command 'FOO', use SHOW HELP;")
                .contains("ERROR:  admin access needed")
                .contains("PgBouncer 1.25.2");
    }

    private record Run(int status, String output) {}

    private Run psql(String... arguments) throws IOException, InterruptedException {
        int port = ((InetSocketAddress) server.localAddress()).getPort();
        List<String> command = new ArrayList<>(List.of(
                onPath("psql"),
                "-X",
                "-d",
                "host=127.0.0.1 port=" + port + " user=watcher dbname=pgbouncer sslmode=disable gssencmode=disable"));
        command.addAll(Arrays.asList(arguments));
        Path output = directory.resolve("output");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("PAGER", "");
        Process process = builder.start();
        try {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("psql ends").isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Run(process.exitValue(), Files.readString(output));
    }

    private static String onPath(String program) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError(program + " is not on the PATH; bin/verify installs it"))
                .toString();
    }

    /** Answers any startup packet as if its user had logged in, and hands over to the console. */
    private static final class TrustingLogin extends ChannelInboundHandlerAdapter {
        private final AdminConsole console;

        TrustingLogin(AdminConsole console) {
            this.console = console;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf packet = (ByteBuf) message;
            assertThat(packet.toString(StandardCharsets.UTF_8)).contains("database\0pgbouncer\0");
            packet.release();
            ByteBuf out = ctx.alloc().buffer();
            FrameWriter.authenticationOk(out);
            AdminSession.greet(out);
            FrameWriter.backendKeyData(out, 1, new byte[4]);
            FrameWriter.readyForQuery(out, TxStatus.IDLE);
            ctx.writeAndFlush(out).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
            AdminUser user = new AdminUser("watcher", ConsoleAccess.STATS);
            ctx.pipeline().replace(this, "console", new AdminSession(console, user, ctx.alloc()));
        }
    }
}
