package dev.trunkline.server.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.router.sql.TxIntent;
import dev.trunkline.server.client.Checkout.Wish;
import dev.trunkline.server.client.SessionTraits.Destination;
import dev.trunkline.server.client.SessionTraits.ReadOnlyDefault;
import dev.trunkline.server.config.PoolMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** For which server a transaction is, by how it begins. */
class WishTest {
    @ParameterizedTest
    @CsvSource({
        "LEADER,BEGIN_READ_ONLY,ON,LEADER",
        "BY_TRANSACTION,OTHER,OFF,LEADER",
        "BY_TRANSACTION,BEGIN_READ_ONLY,OFF,REPLICA",
        "BY_TRANSACTION,BEGIN,ON,REPLICA",
        "BY_TRANSACTION,BEGIN_READ_WRITE,ON,LEADER",
        "BY_TRANSACTION,BEGIN_SERIALIZABLE,ON,LEADER",
        "BY_TRANSACTION,BEGIN_SERIALIZABLE_READ_ONLY,ON,LEADER",
        "REPLICA,OTHER,ON,REPLICA",
        "REPLICA,BEGIN,ON,REPLICA",
        "REPLICA,BEGIN_READ_ONLY,OFF,REPLICA",
        "REPLICA,OTHER,OFF,REPLICA_ONLY",
        "REPLICA,BEGIN,OFF,REPLICA_ONLY",
        "REPLICA,BEGIN_READ_WRITE,ON,REPLICA_ONLY",
        "REPLICA,BEGIN_SERIALIZABLE_READ_ONLY,OFF,REPLICA",
        "REPLICA,BEGIN_SERIALIZABLE,OFF,REPLICA_ONLY"
    })
    void transaction_isForWhomItsBeginSays(
            Destination destination, TxIntent intent, ReadOnlyDefault byDefault, Wish wish) {
        assertThat(FakeClient.traits(PoolMode.TRANSACTION, destination).wish(intent, byDefault))
                .isEqualTo(wish);
    }

    @ParameterizedTest
    @CsvSource({
        "TRANSACTION,BY_TRANSACTION,on,LEADER",
        "SESSION,BY_TRANSACTION,on,REPLICA",
        "SESSION,BY_TRANSACTION,off,LEADER",
        "TRANSACTION,REPLICA,on,REPLICA",
        "TRANSACTION,REPLICA,off,REPLICA_ONLY",
        "SESSION,REPLICA,true,REPLICA",
        "SESSION,REPLICA,off,REPLICA_ONLY"
    })
    void login_isForWhomItsParametersSay(PoolMode mode, Destination destination, String readOnly, Wish wish) {
        Parameters requested = Parameters.NONE.with("default_transaction_read_only", readOnly);
        assertThat(FakeClient.traits(mode, destination).wishAtLogin(requested)).isEqualTo(wish);
    }
}
