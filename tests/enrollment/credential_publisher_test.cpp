#include "phyllo/enrollment/credential_publisher.hpp"

#include <doctest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "phyllo/enrollment/accounts.hpp"
#include "phyllo/enrollment/login_client.hpp"
#include "phyllo/overlay/errc.hpp"
#include "support/run.hpp"
#include "support/temporary_directory.hpp"

namespace credential_publisher_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

// Answers at once, without any wait: a worker ends where it was spawned.
class instant_overlay final : public overlay::overlay {
 public:
  using outcome = core::result<phyllo::overlay::outcome>;
  outcome next = phyllo::overlay::outcome();
  std::vector<std::string> updated;
  std::map<std::string, std::uint32_t> generations;  // what the latest record of a name is sealed with

  core::awaitable<outcome> update(std::string, phyllo::overlay::name n, phyllo::overlay::record r, std::chrono::seconds,
                                  phyllo::overlay::write_options) override {
    updated.push_back(n.text());
    generations[n.text()] = enrollment::sealed_generation(r.value).value_or(0);
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
  enrollment::credential_publisher p(f.env, f.ring, *f.accounts, 24h, f.metrics, core::logger());
  p.start();
  const auto end = f.env.now() + 10s;
  while (f.ring.updated.size() < expected && f.env.now() < end) co_await core::sleep_for(f.env, 5ms);
  co_await p.stop();
}

// Publishes until what is told of the ring and the accounts is true.
core::awaitable<void> publish_until(fixture& f, std::function<bool()> enough) {
  enrollment::credential_publisher p(f.env, f.ring, *f.accounts, 24h, f.metrics, core::logger());
  p.start();
  const auto end = f.env.now() + 10s;
  while (!enough() && f.env.now() < end) co_await core::sleep_for(f.env, 5ms);
  co_await p.stop();
}

core::awaitable<void> rotate_while_publishing(fixture& f) {
  enrollment::credential_publisher p(f.env, f.ring, *f.accounts, 24h, f.metrics, core::logger());
  p.start();
  const auto end = f.env.now() + 10s;
  while (f.ring.generations.size() < 3 && f.env.now() < end) co_await core::sleep_for(f.env, 5ms);
  REQUIRE(f.accounts->rotate_domain_key("example.com", f.env.wall_now()).value() == 2);
  f.add(1);
  while (f.ring.generations["credential:user0@example.com"] != 2 && f.env.now() < end) co_await core::sleep_for(f.env, 5ms);
  co_await core::sleep_for(f.env, 1500ms);
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

TEST_CASE_FIXTURE(fixture,
                  "what changes after a rotation is sealed with the new generation, what does not only when that is known everywhere") {
  add(3);
  world.run(rotate_while_publishing(*this));
  CHECK(ring.generations["credential:user0@example.com"] == 2);
  CHECK(ring.generations["credential:user1@example.com"] == 1);
  CHECK(ring.generations["credential:user2@example.com"] == 1);
  CHECK(accounts->domain_keys("example.com")->size() == 2);
}

TEST_CASE_FIXTURE(fixture, "after a rotation without delay all records are sealed anew, and then the older generation is forgotten") {
  add(20);
  world.run(publish(*this, 20));
  REQUIRE(accounts->rotate_domain_key("example.com", core::wall_time()).value() == 2);
  world.run(publish_until(*this, [&] { return accounts->domain_keys("example.com")->size() == 1; }));
  CHECK(ring.generations.size() == 20);
  for (const auto& [name, generation] : ring.generations) CHECK(generation == 2);
  CHECK(accounts->domain_keys("example.com")->front().generation == 2);
}

TEST_CASE_FIXTURE(fixture, "while records can not be stored the older generation stays") {
  add(5);
  ring.next = core::fail(overlay::errc::timed_out);
  REQUIRE(accounts->domain_keys("example.com"));
  REQUIRE(accounts->rotate_domain_key("example.com", core::wall_time()));
  world.run(publish(*this, 20));
  CHECK(accounts->domain_keys("example.com")->size() == 2);
}

}  // namespace credential_publisher_test
