// Hosts on real sockets, linking by DTLS and by TLS.
#include <doctest.h>

#include <algorithm>
#include <map>

#include "host_fixture.hpp"
#include "reload_bytes.hpp"

namespace host_link_test {

using namespace phyllo;
using namespace std::chrono_literals;
using testing::only;
using testing::reload_message;
using testing::two_hosts;

namespace {

core::awaitable<void> exchange(two_hosts& w, transport::link_kind kind) {
  auto connected = co_await w.a->connect(only(*w.b, kind), testing::numbered(2), w.world.env->now() + 5s);
  REQUIRE_MESSAGE(connected.has_value(), (connected ? "" : connected.error().message()));
  const auto ours = std::move(*connected);
  CHECK(ours->kind() == kind);
  CHECK(ours->peer().node() == testing::numbered(2));
  testing::notes here(*w.world.env);
  testing::notes there(*w.world.env);
  ours->observe(&here);
  const auto accepted = co_await w.at_b.links.receive(w.world.env->now() + 5s);
  REQUIRE(accepted.has_value());
  const auto theirs = *accepted;
  CHECK(theirs->peer().node() == testing::numbered(1));
  theirs->observe(&there);

  constexpr std::size_t count = 64;  // of 16 KiB: 1 MiB each way
  for (std::uint64_t i = 1; i <= count; ++i) {
    const auto message = reload_message(i, 16 * 1024 - 38);
    while (!ours->send(message, i)) co_await core::sleep_for(*w.world.env, 1ms);
    while (!theirs->send(message, i)) co_await core::sleep_for(*w.world.env, 1ms);
  }
  for (auto* end : {&here, &there}) {
    std::map<core::bytes, int> got;
    for (std::size_t i = 0; i < count; ++i) {
      auto m = co_await end->messages.receive(w.world.env->now() + 10s);
      REQUIRE(m.has_value());
      ++got[*m];
    }
    CHECK(got.size() == count);
    for (std::uint64_t i = 1; i <= count; ++i) CHECK(got[reload_message(i, 16 * 1024 - 38)] == 1);
  }
  for (int i = 0; i < 500 && (here.acknowledged.size() < count || there.acknowledged.size() < count); ++i) {
    co_await core::sleep_for(*w.world.env, 10ms);
  }
  CHECK(here.acknowledged.size() == count);
  CHECK(there.acknowledged.size() == count);
  CHECK(ours->rtt() > 0ms);
  CHECK(ours->rto() >= 50ms);

  ours->close();
  CHECK_FALSE(ours->open());
  CHECK(ours->send(reload_message(1, 10), 0).error() == transport::errc::closed);
  CHECK((co_await here.closed.receive(w.world.env->now() + 5s)).value() == transport::errc::closed);
  CHECK((co_await there.closed.receive(w.world.env->now() + 5s)).value() == transport::errc::closed);
  co_await w.stop();
}

}  // namespace

TEST_CASE("two hosts link by DTLS and carry a megabyte both ways") {
  two_hosts w(1);
  w.world.run(exchange(w, transport::link_kind::dtls));
  CHECK(w.a_metrics.text().find("phyllo_handshakes_total{code=\"ok\",transport=\"dtls\"} 1") != std::string::npos);
  CHECK(w.b_metrics.text().find("phyllo_links{transport=\"dtls\"} 0") != std::string::npos);
}

TEST_CASE("what nobody reads at the other end is bounded at both ends: send says so") {
  two_hosts w(3);
  const auto pour = [](two_hosts& t, transport::link_kind kind) -> core::awaitable<void> {
    auto connected = co_await t.a->connect(only(*t.b, kind), testing::numbered(2), t.world.env->now() + 5s);
    REQUIRE(connected);
    testing::notes here(*t.world.env);
    (*connected)->observe(&here);
    const auto theirs = co_await t.at_b.links.receive(t.world.env->now() + 5s);  // and nobody observes it
    REQUIRE(theirs);
    std::size_t taken = 0;
    core::status sent;
    for (std::uint64_t i = 1; sent && i <= 1000; ++i) {
      const auto message = reload_message(i, 16 * 1024 - 38);
      sent = (*connected)->send(message, i);
      if (sent) taken += message.size();
      if (i % 10 == 0) co_await core::sleep_for(*t.world.env, 1ms);
    }
    CHECK(sent.error() == transport::errc::overloaded);
    CHECK(taken < 2 * 1024 * 1024);
    CHECK((*connected)->open());
    (*connected)->close();
    CHECK((co_await here.closed.receive(t.world.env->now() + 5s)).has_value());
  };
  for (const auto kind : {transport::link_kind::dtls, transport::link_kind::tls}) w.world.run(pour(w, kind));
  w.world.run(w.stop());
}

TEST_CASE("two hosts link by TLS and carry a megabyte both ways") {
  two_hosts w(2);
  w.world.run(exchange(w, transport::link_kind::tls));
  CHECK(w.b_metrics.text().find("phyllo_handshakes_total{code=\"ok\",transport=\"tls\"} 1") != std::string::npos);
}

namespace {

core::awaitable<void> link_four_times(testing::two_hosts& t) {
  auto& env = *t.world.env;
  std::vector<std::shared_ptr<transport::link>> links;
  const auto to_b = testing::only(*t.b, transport::link_kind::tls);
  for (int i = 0; i < 4; ++i) {
    auto made = co_await t.a->connect(to_b, std::nullopt, env.now() + 5s);
    REQUIRE(made.has_value());
    links.push_back(std::move(*made));
  }
  co_await core::sleep_for(env, 100ms);
  CHECK_FALSE(links.front()->open());
  CHECK(std::ranges::count_if(links, [](const auto& l) { return l->open(); }) == 3);
  CHECK(t.a_metrics.drops().at("links_of_node") == 1);
  co_await t.stop();
}

core::awaitable<void> dial_itself(testing::two_hosts& t) {
  const auto own = t.a->candidates();
  const auto made = co_await t.a->connect(own, std::nullopt, t.world.env->now() + 5s);
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error() == transport::errc::refused);
  CHECK(t.a_metrics.drops().at("dial_address") > 0);
  const transport::endpoint elsewhere{asio::ip::make_address("10.0.0.1"), 22};
  const auto stream = co_await t.a->open_tcp(elsewhere, t.world.env->now() + 5s);
  CHECK_FALSE(stream.has_value());
  CHECK_FALSE(t.a->may_dial(elsewhere));
  co_await t.stop();
}

}  // namespace

TEST_CASE("one Node-ID has three links at most: the oldest ends") {
  testing::two_hosts w(24);
  w.world.run(link_four_times(w));
}

TEST_CASE("a host dials neither itself nor addresses of a scope in which it does not live") {
  testing::two_hosts w(25);
  w.world.run(dial_itself(w));
}

}  // namespace host_link_test
