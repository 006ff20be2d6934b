// Hosts on real sockets, linking by DTLS and by TLS.
#include <doctest.h>

#include <map>

#include "phyllo/core/mailbox.hpp"
#include "phyllo/transport/errc.hpp"
#include "phyllo/transport/host.hpp"
#include "reload_bytes.hpp"
#include "small_overlay.hpp"
#include "support/run.hpp"

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

// Notes all it hears.
class notes final : public transport::link_observer {
 public:
  explicit notes(core::environment& env) : messages(env, 4096), closed(env, 4) {}
  void on_message(transport::link&, core::byte_view m) override { messages.push(core::to_bytes(m)); }
  void on_acknowledged(transport::link&, std::uint64_t token) override { acknowledged[token]++; }
  void on_overdue(transport::link&, std::uint64_t token) override { overdue[token]++; }
  void on_closed(transport::link&, const core::error& why) override { closed.push(why); }

  core::mailbox<core::bytes> messages;
  core::mailbox<core::error> closed;
  std::map<std::uint64_t, int> acknowledged;
  std::map<std::uint64_t, int> overdue;
};

class door final : public transport::link_acceptor {
 public:
  explicit door(core::environment& env) : links(env, 16) {}
  void on_link(std::shared_ptr<transport::link> l) override { links.push(std::move(l)); }
  core::mailbox<std::shared_ptr<transport::link>> links;
};

struct two_hosts {
  testing::small_overlay overlay;
  testing::real_world world;
  core::metrics a_metrics;
  core::metrics b_metrics;
  std::unique_ptr<transport::host> a;
  std::unique_ptr<transport::host> b;
  door at_b{*world.env};

  explicit two_hosts(std::uint8_t net) {
    a = open(net, 1, a_metrics);
    b = open(net, 2, b_metrics);
    b->accept(&at_b);
  }

  std::unique_ptr<transport::host> open(std::uint8_t net, std::uint8_t number, core::metrics& m) {
    transport::host_options o;
    o.address = asio::ip::make_address_v4(asio::ip::address_v4::bytes_type{127, 20, net, number});
    o.ports = {16084, 15060, 15061, 13478, 10443, 10080};
    auto h = transport::host::open(*world.env, o, overlay.credential(number), overlay.trust, {}, m, {});
    REQUIRE_MESSAGE(h.has_value(), (h ? "" : h.error().message()));
    return std::move(*h);
  }

  core::awaitable<void> stop() {
    co_await a->stop();
    co_await b->stop();
  }
};

using testing::reload_message;

std::vector<transport::candidate> only(const transport::host& h, transport::link_kind kind) {
  auto all = h.candidates();
  std::erase_if(all, [kind](const auto& c) { return c.kind != kind; });
  return all;
}

core::awaitable<void> exchange(two_hosts& w, transport::link_kind kind) {
  auto connected = co_await w.a->connect(only(*w.b, kind), testing::numbered(2), w.world.env->now() + 5s);
  REQUIRE_MESSAGE(connected.has_value(), (connected ? "" : connected.error().message()));
  const auto ours = std::move(*connected);
  CHECK(ours->kind() == kind);
  CHECK(ours->peer().node() == testing::numbered(2));
  notes here(*w.world.env);
  notes there(*w.world.env);
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

TEST_CASE("two hosts link by TLS and carry a megabyte both ways") {
  two_hosts w(2);
  w.world.run(exchange(w, transport::link_kind::tls));
  CHECK(w.b_metrics.text().find("phyllo_handshakes_total{code=\"ok\",transport=\"tls\"} 1") != std::string::npos);
}
