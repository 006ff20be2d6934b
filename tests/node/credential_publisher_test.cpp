#include "credential_publisher.hpp"

#include <doctest.h>

#include <algorithm>

#include "phyllo/enrollment/accounts.hpp"
#include "phyllo/identity/seal.hpp"
#include "phyllo/overlay/errc.hpp"
#include "support/run.hpp"
#include "temporary_directory.hpp"

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

// Answers at once, without any wait: a worker ends where it was spawned.
class instant_overlay final : public overlay::overlay {
 public:
  using outcome = core::result<phyllo::overlay::outcome>;
  outcome next = phyllo::overlay::outcome();
  std::vector<std::string> updated;

  core::awaitable<outcome> update(std::string, phyllo::overlay::name n, phyllo::overlay::record, std::chrono::seconds,
                                  phyllo::overlay::write_options) override {
    updated.push_back(n.text());
    co_return next;
  }
  core::awaitable<outcome> get(std::string, phyllo::overlay::name, phyllo::overlay::read_options) override { co_return next; }
  core::awaitable<outcome> add(std::string, phyllo::overlay::name, phyllo::overlay::record, std::chrono::seconds,
                               phyllo::overlay::write_options) override {
    co_return next;
  }
  core::awaitable<outcome> remove(std::string, phyllo::overlay::name, phyllo::overlay::write_options) override { co_return next; }
  core::awaitable<outcome> watch(std::string, phyllo::overlay::name, phyllo::overlay::watch_options) override { co_return next; }
};

struct fixture {
  testing::temporary_directory d;
  testing::real_world world;
  core::environment& env = *world.env;
  core::metrics metrics;
  instant_overlay ring;
  std::unique_ptr<enrollment::accounts> accounts = enrollment::accounts::open(d.file("accounts.db")).value();

  void add(int count) {
    const enrollment::account_options quick{.scrypt_log2_n = 4, .sip_secret = enrollment::sip_secret::account, .md5 = true};
    for (int i = 0; i < count; ++i) {
      const auto user = "user" + std::to_string(i) + "@example.com";
      REQUIRE(accounts->add(enrollment::prepare_account(user, "secret", {}, quick).value(), true).has_value());
    }
  }
};

core::awaitable<void> publish(fixture& f, std::size_t expected) {
  node::credential_publisher p(f.env, f.ring, *f.accounts, identity::generate_seal_key().public_key, f.metrics, core::logger());
  p.start();
  const auto end = f.env.now() + 10s;
  while (f.ring.updated.size() < expected && f.env.now() < end) co_await core::sleep_for(f.env, 5ms);
  co_await p.stop();
}

}  // namespace

TEST_CASE_FIXTURE(fixture, "each account is published once, however fast the overlay answers") {
  add(40);
  world.run(publish(*this, 40));
  std::ranges::sort(ring.updated);
  CHECK(ring.updated.size() == 40);
  CHECK(std::ranges::adjacent_find(ring.updated) == ring.updated.end());
}

TEST_CASE_FIXTURE(fixture, "accounts that the overlay forbids at once are asked for once, and the publisher goes on") {
  add(3);
  ring.next = core::fail(overlay::errc::forbidden);
  world.run(publish(*this, 3));
  CHECK(ring.updated.size() == 3);
}
