#include "assembly/certificate_keeper.hpp"

#include <doctest.h>

#include "identity/ring.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/enrollment/errc.hpp"
#include "support/run.hpp"

namespace certificate_keeper_test {

using namespace phyllo;
using namespace std::chrono_literals;
using node::standing;

namespace {

struct fixture {
  testing::real_world world;
  core::environment& env = *world.env;
  identity::authority ca = identity::authority::create("login.example.com", env.wall_now());
  identity::trust trust{testing::overlay_name};
  identity::credential old = issued(1);
  core::result<identity::credential> next = core::fail(enrollment::errc::failed_authentication);
  std::vector<standing> asked;
  std::vector<identity::node_id> taken;
  node::certificate_keeper keeper{env,
                                  trust,
                                  old,
                                  [this](identity::credential, standing why) { return renew(why); },
                                  [this](identity::credential fresh) { return take(std::move(fresh)); },
                                  core::logger()};

  fixture() { REQUIRE(trust.update({ca.certificate_der()}, {})); }

  identity::credential issued(std::uint8_t n, core::wall_time::duration later = {},
                              core::wall_time::duration lasts = std::chrono::days(7)) {
    const auto now = env.wall_now() + later;
    return testing::credential_for(ca, {testing::numbered(n),
                                        "node1@example.com",
                                        testing::overlay_name,
                                        {"example.com"},
                                        now - identity::certificates_dated_back,
                                        now + lasts});
  }
  core::awaitable<core::result<identity::credential>> renew(standing why) {
    asked.push_back(why);
    co_return next;
  }
  core::awaitable<void> take(identity::credential fresh) {
    taken.push_back(fresh.certificate.node());
    co_return;
  }
  // The revocation list says this, and nothing else.
  void list(std::vector<identity::revocation> entries) {
    const auto signer = testing::credential_for(ca, 9, "signer@example.com");
    const auto n = trust.revocations().succeed(std::move(entries), 0, testing::overlay_name, signer).value();
    REQUIRE(trust.revocations().seek(n.head));
    REQUIRE(trust.revocations().apply(n.delta));
  }
  void revoke_user() { list({{identity::revoked_user("node1@example.com"), identity::revoked_before(env.wall_now())}}); }
  [[nodiscard]] standing of(const identity::credential& c, bool refused = false) const {
    return node::standing_of(c.certificate, trust, env.wall_now(), env.wall_now() + 1h, refused);
  }
};

core::awaitable<void> run_for(fixture& f, core::duration span) {
  core::task_scope scope(f.env);
  scope.spawn(f.keeper.run());
  co_await core::sleep_for(f.env, span);
  scope.cancel();
  co_await scope.join();
}

}  // namespace

TEST_CASE_FIXTURE(fixture, "what a certificate is worth: the gravest fault is told") {
  CHECK(of(old) == standing::good);
  CHECK(node::standing_of(old.certificate, trust, env.wall_now(), env.wall_now() - 1s, false) == standing::due);
  CHECK(of(old, true) == standing::unknown);
  CHECK(of(issued(1, -8 * 24h)) == standing::ended);
  CHECK(of(issued(1, 48h)) == standing::good);  // not yet valid: this node's clock is wrong, not its certificate
  list({{identity::outdated_user("node1@example.com"), identity::revoked_before(env.wall_now())}});
  CHECK(of(old) == standing::outdated);
  revoke_user();
  CHECK(of(old) == standing::revoked);
  CHECK(of(issued(1, 5s)) == standing::good);
  list({{old.certificate.node(), identity::revoked_for_good}});
  CHECK(of(old) == standing::dismissed);
  list({});
  REQUIRE(trust.update({identity::authority::create("another", env.wall_now()).certificate_der()}, {}));
  CHECK(of(old) == standing::foreign);
}

TEST_CASE_FIXTURE(fixture, "each standing but the good ones says what is wrong") {
  for (const auto s : {standing::outdated, standing::unknown, standing::ended, standing::foreign, standing::revoked, standing::dismissed})
    CHECK_FALSE(node::text_of(s).empty());
  for (const auto s : {standing::good, standing::due}) CHECK(node::text_of(s).empty());
}

TEST_CASE_FIXTURE(fixture, "a good certificate is left alone") {
  keeper.look();
  world.run(run_for(*this, 100ms));
  CHECK(asked.empty());
  CHECK(keeper.wrong() == std::nullopt);
}

TEST_CASE_FIXTURE(fixture, "a revoked one is said to be, with why there is no other, and is replaced at once when there is") {
  revoke_user();
  keeper.look();
  world.run(run_for(*this, 100ms));
  CHECK(asked == std::vector{standing::revoked});
  REQUIRE(keeper.wrong());
  CHECK(keeper.wrong()->find("is revoked") != std::string::npos);
  CHECK(keeper.wrong()->find("there is no other yet: ") != std::string::npos);
  CHECK(taken.empty());
  next = issued(2, 5s);
  keeper.look();
  world.run(run_for(*this, 100ms));
  CHECK(taken == std::vector{testing::numbered(2)});
  CHECK(keeper.wrong() == std::nullopt);
  keeper.look();
  world.run(run_for(*this, 100ms));
  CHECK(asked.size() == 2);
}

TEST_CASE_FIXTURE(fixture, "a failure is followed by a pause, in which nothing is asked") {
  revoke_user();
  keeper.look();
  world.run(run_for(*this, 100ms));
  world.run(run_for(*this, 100ms));
  CHECK(asked.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "a new one that is revoked from its birth is none") {
  revoke_user();
  next = old;
  keeper.look();
  world.run(run_for(*this, 100ms));
  CHECK(taken.empty());
  CHECK(keeper.wrong()->find("the new certificate") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "a login server that refuses it is a reason for another, once") {
  next = issued(1);
  keeper.mistrust();
  CHECK(keeper.wrong()->find("does not take") != std::string::npos);
  world.run(run_for(*this, 100ms));
  CHECK(asked == std::vector{standing::unknown});
  CHECK(keeper.wrong() == std::nullopt);
  keeper.mistrust();  // by the new one, too: another would not be better
  world.run(run_for(*this, 100ms));
  CHECK(asked.size() == 1);
}

}  // namespace certificate_keeper_test
