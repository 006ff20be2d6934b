#include "phyllo/enrollment/account_withdrawal.hpp"

#include <doctest.h>

#include <set>

#include "phyllo/core/task_scope.hpp"
#include "phyllo/overlay/errc.hpp"
#include "support/recorded_overlay.hpp"
#include "support/run.hpp"
#include "support/temporary_directory.hpp"

namespace account_withdrawal_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

struct fixture {
  testing::temporary_directory d;
  testing::real_world world;
  core::environment& env = *world.env;
  testing::recorded_overlay ring;
  std::unique_ptr<enrollment::accounts> accounts = enrollment::accounts::open(d.file("accounts.db")).value();
  std::vector<std::string> again;

  void add(const std::string& user) {
    const enrollment::account_options quick{.scrypt_log2_n = 4, .sip_secret = enrollment::sip_secret::account, .md5 = false};
    REQUIRE(accounts->add(enrollment::prepare_account(user, "secret", {}, quick).value(), false));
  }
};

core::awaitable<void> run_for(fixture& f, core::duration span) {
  enrollment::account_withdrawal w(
      f.env, f.ring, *f.accounts, [&f](std::string user) { f.again.push_back(std::move(user)); }, core::logger());
  core::task_scope scope(f.env);
  scope.spawn(w.run());
  co_await core::sleep_for(f.env, span);
  scope.cancel();
  co_await scope.join();
}

}  // namespace

TEST_CASE_FIXTURE(fixture, "what an account had in the overlay goes at the server's next start, also when it was removed while none ran") {
  add("bob@example.com");
  REQUIRE(accounts->remove("bob@example.com"));
  world.run(run_for(*this, 100ms));
  CHECK(ring.removed == std::vector<std::string>{"credential:bob@example.com", "user location:bob@example.com"});
  CHECK(accounts->withdrawals()->empty());
}

TEST_CASE_FIXTURE(fixture, "what could not be withdrawn stays noted, and what is not there or not ours is over") {
  add("bob@example.com");
  REQUIRE(accounts->remove("bob@example.com"));
  ring.next = core::fail(overlay::errc::timed_out);
  world.run(run_for(*this, 100ms));
  CHECK(accounts->withdrawals()->size() == 1);
  ring.next = core::fail(overlay::errc::not_found);
  world.run(run_for(*this, 100ms));
  CHECK(accounts->withdrawals()->empty());
}

TEST_CASE_FIXTURE(fixture, "an account that is made again meanwhile is published again") {
  add("bob@example.com");
  REQUIRE(accounts->remove("bob@example.com"));
  ring.meanwhile = [this] {
    ring.meanwhile = nullptr;
    add("bob@example.com");
  };
  world.run(run_for(*this, 100ms));
  CHECK(again == std::vector<std::string>{"bob@example.com"});
}

}  // namespace account_withdrawal_test
