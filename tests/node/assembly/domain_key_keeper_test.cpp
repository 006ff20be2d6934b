#include "assembly/domain_key_keeper.hpp"

#include <doctest.h>
#include <sys/stat.h>

#include "phyllo/core/errc.hpp"
#include "phyllo/core/task_scope.hpp"
#include "support/run.hpp"
#include "support/temporary_directory.hpp"

namespace domain_key_keeper_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

struct fixture {
  testing::temporary_directory directory;
  testing::real_world world;
  core::environment& env = *world.env;
  core::result<identity::domain_keyring> answer = core::fail(core::errc::closed);
  int asked = 0;
  std::vector<std::uint32_t> told;  // the generation in use

  std::unique_ptr<node::domain_key_keeper> keeper() {
    auto k = std::make_unique<node::domain_key_keeper>(env, directory.file("domain-keys"), 1h, [this] { return ask(); }, core::logger());
    k->load();
    return k;
  }
  core::awaitable<core::result<identity::domain_keyring>> ask() {
    ++asked;
    co_await core::sleep_for(env, 10ms);
    co_return answer;
  }
};

identity::domain_keyring keyring(std::uint32_t generations, core::wall_time last_used_from = {}) {
  identity::domain_keyring ring;
  for (std::uint32_t g = 1; g <= generations; ++g)
    ring.add("example.com", g, identity::generate_seal_key(), g == generations ? last_used_from : core::wall_time());
  return ring;
}

core::awaitable<void> refresh(node::domain_key_keeper& k) { co_await k.refresh(); }

core::awaitable<void> refresh_together(fixture& f, node::domain_key_keeper& k, int count) {
  core::task_scope all(f.env);
  for (int i = 0; i < count; ++i) all.spawn(refresh(k));
  co_await all.join();
}

core::awaitable<void> run_for(fixture& f, node::domain_key_keeper& k, core::duration span) {
  core::task_scope all(f.env);
  all.spawn(k.run());
  co_await core::sleep_for(f.env, span);
  all.cancel();
  co_await all.join();
}

}  // namespace

TEST_CASE_FIXTURE(fixture, "keys outlive the process, in a file of their owner's alone, and stay while the login server is away") {
  answer = keyring(2);
  auto k = keeper();
  CHECK(k->keys()->empty());
  world.run(refresh(*k));
  CHECK(*k->keys() == *answer);
  struct stat s{};
  REQUIRE(::stat(directory.file("domain-keys").c_str(), &s) == 0);
  CHECK((s.st_mode & 0777) == 0600);
  const auto before = *answer;
  answer = core::fail(core::errc::timed_out);
  auto again = keeper();
  CHECK(*again->keys() == before);
  world.run(refresh(*again));
  CHECK(*again->keys() == before);
}

TEST_CASE_FIXTURE(fixture, "a file that is no keyring is none") {
  directory.write("domain-keys", "noise");
  CHECK(keeper()->keys()->empty());
}

TEST_CASE_FIXTURE(fixture, "what the login server has forgotten is forgotten here, and told") {
  answer = keyring(2);
  auto k = keeper();
  k->tell([this](const node::domain_key_keeper::keyring& ring) { told.push_back(ring->current("example.com")); });
  world.run(refresh(*k));
  CHECK(told == std::vector<std::uint32_t>{0, 2});
  answer = identity::domain_keyring();
  auto again = keeper();
  world.run(refresh(*again));
  CHECK(again->keys()->empty());
  CHECK(testing::content_of(directory.file("domain-keys")).empty());
}

TEST_CASE_FIXTURE(fixture, "many who need a key at once ask once, and who comes again and again asks a few times only") {
  answer = keyring(1);
  auto k = keeper();
  world.run(refresh_together(*this, *k, 50));
  CHECK(asked == 1);
  CHECK(k->keys()->newest("example.com") == 1);
  for (int i = 0; i < 20; ++i) world.run(refresh(*k));
  CHECK(asked == 4);
}

TEST_CASE_FIXTURE(fixture, "a generation that is announced comes into use at its time, and that is told") {
  answer = keyring(2, env.wall_now() + 3s);
  auto k = keeper();
  k->tell([this](const node::domain_key_keeper::keyring& ring) { told.push_back(ring->current("example.com")); });
  world.run(run_for(*this, *k, 1s));
  CHECK(told.back() == 1);
  CHECK(k->keys()->newest("example.com") == 2);
  world.run(run_for(*this, *k, 6s));
  CHECK(told.back() == 2);
}

}  // namespace domain_key_keeper_test
