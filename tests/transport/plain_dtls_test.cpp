// A peer that knows RFC 6940 and no REACH: it answers a ClientHello and no STUN. And an address where nobody answers anything.
#include <doctest.h>

#include <asio/ip/udp.hpp>
#include <vector>

#include "host_fixture.hpp"
#include "phyllo/core/task_scope.hpp"
#include "transport/tls/tls_engine.hpp"

namespace plain_dtls_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

bool is_stun(core::byte_view d) { return !d.empty() && d.front() < 4; }

struct foreign_peer {
  foreign_peer(testing::two_hosts& w, std::uint8_t net)
      : env(*w.world.env), context(env, &w.overlay.trust), engine(context, transport::tls_engine::server{true, true}), socket(w.world.io) {
    context.set_credential(w.overlay.credential(7));
    const auto own = asio::ip::make_address_v4(asio::ip::address_v4::bytes_type{127, 20, net, 99});
    socket.open(asio::ip::udp::v4());
    socket.bind({own, 0});
    socket.non_blocking(true);
    at = {own, socket.local_endpoint().port()};
  }

  // What has come, as it came.
  std::vector<core::bytes> take() {
    std::vector<core::bytes> all;
    while (true) {  // ends when nothing more is there
      core::bytes d(65536);
      asio::error_code ec;
      d.resize(socket.receive_from(asio::buffer(d), from, 0, ec));
      if (ec) return all;
      all.push_back(std::move(d));
    }
  }

  core::awaitable<void> serve(core::duration limit) {
    const auto until = env.now() + limit;
    while (!engine.established() && env.now() < until) {
      for (const auto& d : take()) {
        if (!is_stun(d)) engine.feed(d);
      }
      CHECK(engine.handshake());
      for (const auto& d : engine.take_output()) socket.send_to(asio::buffer(d.data(), d.size()), from);
      co_await core::sleep_for(env, 2ms);
    }
  }

  core::environment& env;
  transport::tls_context context;
  transport::tls_engine engine;
  asio::ip::udp::socket socket;
  asio::ip::udp::endpoint from;
  transport::endpoint at;
};

}  // namespace

TEST_CASE("a peer that answers no STUN is met by a plain ClientHello after a second") {
  testing::two_hosts w(33);
  foreign_peer p(w, 33);
  const auto talk = [](testing::two_hosts& t, foreign_peer& peer) -> core::awaitable<void> {
    core::task_scope beside(*t.world.env);
    beside.spawn(peer.serve(4s));
    const auto began = t.world.env->now();
    const std::vector<transport::candidate> to{{transport::link_kind::dtls, peer.at}};
    const auto made = co_await t.a->connect(to, testing::numbered(7), began + 5s);
    REQUIRE(made.has_value());
    CHECK((*made)->kind() == transport::link_kind::dtls);
    CHECK(t.world.env->now() - began >= 1s);
    co_await beside.join();
    co_await t.stop();
  };
  w.world.run(talk(w, p));
}

TEST_CASE("an address where nobody answers gets three requests and four small ClientHellos") {
  testing::two_hosts w(34);
  foreign_peer p(w, 34);
  const auto talk = [](testing::two_hosts& t, foreign_peer& peer) -> core::awaitable<void> {
    const std::vector<transport::candidate> to{{transport::link_kind::dtls, peer.at}};
    const auto made = co_await t.a->connect(to, std::nullopt, t.world.env->now() + 10s);
    CHECK_FALSE(made.has_value());
    std::size_t requests = 0;
    std::size_t flights = 0;
    for (const auto& d : peer.take()) {
      ++(is_stun(d) ? requests : flights);
      CHECK(d.size() <= 300);
    }
    CHECK(requests == 3);
    CHECK(flights >= 3);
    CHECK(flights <= 4);
    co_await t.stop();
  };
  w.world.run(talk(w, p));
}

}  // namespace plain_dtls_test
