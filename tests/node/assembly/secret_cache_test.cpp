#include "assembly/secret_cache.hpp"

#include <doctest.h>

#include "identity/revocation_lists.hpp"
#include "phyllo/enrollment/login_client.hpp"
#include "phyllo/node/errc.hpp"
#include "support/recorded_overlay.hpp"
#include "support/simulated_world.hpp"
#include "support/temporary_directory.hpp"

namespace secret_cache_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

const std::string ha1(64, 'a');
const std::string other_ha1(64, 'b');
const std::string md5_ha1(32, 'c');
const std::string whole_ha1(64, 'd');
const std::string whole_md5(32, 'e');

struct cached {
  testing::simulated_world world;
  core::metrics metrics;
  testing::recorded_overlay overlay;
  identity::domain_keyring ring;
  node::domain_key_keeper keys{world.env(), {}, 1h, [this] { return ask(); }, core::logger()};
  node::secret_cache cache{world.env(), overlay, nullptr, keys, metrics};

  cached() {
    ring.add("example.com", 1, identity::generate_seal_key());
    world.run(refresh(keys));
    overlay.next = core::fail(phyllo::overlay::errc::not_found);
  }
  core::awaitable<core::result<identity::domain_keyring>> ask() { co_return ring; }
  static core::awaitable<void> refresh(node::domain_key_keeper& k) { co_await k.refresh(); }

  // A record that is in the overlay from now on.
  void stored(const std::string& value, std::uint64_t storage_time_ms = 5'000) {
    phyllo::overlay::stored_value v;
    v.content.value = value;
    v.storage_time_ms = storage_time_ms;
    if (!overlay.next) overlay.next = phyllo::overlay::outcome();
    overlay.next->values.push_back(std::move(v));
  }
  std::string sealed(const std::string& sha256, const std::string& md5 = md5_ha1) const {
    return enrollment::seal_secret(ring, "alice@example.com", {sha256, md5, whole_ha1, md5.empty() ? "" : whole_md5}).value();
  }

  static core::awaitable<void> find(node::secret_cache& c, std::string user, std::string algorithm, bool whole,
                                    core::result<std::string>& out) {
    out = co_await c.find(std::move(user), std::move(algorithm), whole);
  }
  core::result<std::string> find(const char* algorithm = "SHA-256", bool whole = false, const char* user = "alice@example.com") {
    core::result<std::string> out = core::fail(core::errc::invalid);
    world.run(find(cache, user, algorithm, whole, out));
    return out;
  }
};

}  // namespace

TEST_CASE_FIXTURE(cached, "a secret is opened for both algorithms and both forms of the name") {
  stored(sealed(ha1, md5_ha1));
  CHECK(find().value() == ha1);
  CHECK(find("MD5").value() == md5_ha1);
  CHECK(find("SHA-256", true).value() == whole_ha1);
  CHECK(find("MD5", true).value() == whole_md5);
}

TEST_CASE_FIXTURE(cached, "an opened secret is remembered for five minutes, and asked for anew then") {
  stored(sealed(ha1));
  CHECK(find().value() == ha1);
  overlay.next = core::fail(phyllo::overlay::errc::timed_out);
  world.run_for(5min - 1s);
  CHECK(find().value() == ha1);
  world.run_for(2s);
  CHECK(find().error() == phyllo::overlay::errc::timed_out);
}

TEST_CASE_FIXTURE(cached, "that there is no such user is remembered shortly, and a failure of the overlay not at all") {
  CHECK(find().error() == phyllo::overlay::errc::not_found);
  stored(sealed(ha1));
  CHECK(find().error() == phyllo::overlay::errc::not_found);
  world.run_for(3s);
  CHECK(find().value() == ha1);
  cached failing;
  failing.overlay.next = core::fail(phyllo::overlay::errc::timed_out);
  CHECK(failing.find().error() == phyllo::overlay::errc::timed_out);
  failing.overlay.next = core::fail(phyllo::overlay::errc::not_found);
  CHECK(failing.find().error() == phyllo::overlay::errc::not_found);
}

TEST_CASE_FIXTURE(cached, "of several records the newest that opens counts, and what the user has written himself is passed over") {
  stored(sealed(ha1), 5'000);
  stored(sealed(other_ha1), 9'000);
  stored("nonsense", 99'000);
  CHECK(find().value() == other_ha1);
}

TEST_CASE_FIXTURE(cached, "without a key of the domain nobody can say whose password is right") {
  CHECK(find("SHA-256", false, "bob@example.org").error() == node::errc::refused);
}

TEST_CASE_FIXTURE(cached, "a record of a generation that is not here yet makes the node ask for its keys once, and then opens") {
  const auto old = ring;
  ring.add("example.com", 2, identity::generate_seal_key());
  stored(sealed(ha1));
  CHECK(find().value() == ha1);
  CHECK(keys.keys()->newest("example.com") == 2);
  cached late;
  auto elsewhere = late.ring;
  elsewhere.add("example.com", 2, identity::generate_seal_key());
  late.stored(enrollment::seal_secret(elsewhere, "alice@example.com", {ha1, {}, whole_ha1, {}}).value());
  CHECK(late.find().error() == node::errc::refused);  // not even the login server gives it
}

TEST_CASE_FIXTURE(cached, "where MD5's secret is not kept it is not found, and SHA-256's is") {
  stored(sealed(ha1, ""));
  CHECK(find("MD5").error() == phyllo::overlay::errc::not_found);
  CHECK(find().value() == ha1);
}

TEST_CASE_FIXTURE(cached, "what is to be forgotten is asked for anew, and of nobody else") {
  stored(sealed(ha1));
  CHECK(find().value() == ha1);
  overlay.next = core::fail(phyllo::overlay::errc::not_found);
  cache.forget([](const std::string& user) { return user == "bob@example.com"; });
  CHECK(find().value() == ha1);
  cache.forget([](const std::string& user) { return user == "alice@example.com"; });
  CHECK(find().error() == phyllo::overlay::errc::not_found);
}

TEST_CASE_FIXTURE(cached, "of a user who is revoked no older record counts, but one of the very second of it does") {
  testing::lists l;
  const auto trust = l.reader();
  testing::take(*trust, l.add(trust->revocations(), {{identity::revoked_user("alice@example.com"), 11}}));
  cache.honour(*trust);
  stored(sealed(ha1), 9'999);
  CHECK(find().error() == phyllo::overlay::errc::not_found);
  world.run_for(3s);
  stored(sealed(other_ha1), 10'000);
  CHECK(find().value() == other_ha1);
}

TEST_CASE("the login server's own accounts go before the overlay") {
  cached c;
  const testing::temporary_directory d;
  const auto accounts = enrollment::accounts::open(d.file("accounts.sqlite")).value();
  const enrollment::account_options quick{.scrypt_log2_n = 4, .sip_secret = enrollment::sip_secret::account, .md5 = true};
  const auto alice = enrollment::prepare_account("alice@example.com", "pw", {}, quick).value();
  REQUIRE(accounts->add(alice, false));
  node::secret_cache own(c.world.env(), c.overlay, accounts.get(), c.keys, c.metrics);
  c.stored(c.sealed(ha1));
  core::result<std::string> out = core::fail(core::errc::invalid);
  c.world.run(cached::find(own, "alice@example.com", "SHA-256", false, out));
  CHECK(out.value() == alice.secret.sha256);
}

}  // namespace secret_cache_test
