#include "transport/host/tls_link_server.hpp"

#include <doctest.h>

#include "host_fixture.hpp"
#include "reload_bytes.hpp"
#include "udp_stranger.hpp"

namespace tls_link_server_test {

using namespace phyllo;
using namespace std::chrono_literals;
using testing::two_hosts;

namespace {

// Each link is taken, says who dialled it, and carries a message to the end that accepted it.
core::awaitable<void> dial_each(two_hosts& w, std::uint8_t net) {
  auto& env = *w.world.env;
  for (const std::uint16_t port : {std::uint16_t{16084}, std::uint16_t{15061}, std::uint16_t{10443}}) {
    std::vector<transport::candidate> to;
    to.push_back({transport::link_kind::tls, testing::loopback_at(net, 2, port)});
    const auto made = co_await w.a->connect(std::move(to), testing::numbered(2), env.now() + 5s);
    REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().message()));
    const auto taken = co_await w.at_b.links.receive(env.now() + 5s);
    REQUIRE(taken.has_value());
    const auto link = *taken;
    CHECK(link->kind() == transport::link_kind::tls);
    CHECK(link->peer().node() == testing::numbered(1));
    CHECK(link->remote().address == testing::loopback_at(net, 1, 0).address);
    testing::notes heard(env);
    link->observe(&heard);
    REQUIRE((*made)->send(testing::reload_message(port, 100), 1));
    const auto message = co_await heard.messages.receive(env.now() + 5s);
    REQUIRE(message.has_value());
    CHECK(*message == testing::reload_message(port, 100));
    link->observe(nullptr);
    (*made)->close();
    link->close();
  }
  co_await w.stop();
}

}  // namespace

TEST_CASE("a link is dialled by TLS at any port of the host that speaks TLS, and taken as one of the node that dialled it") {
  two_hosts w(26);
  w.world.run(dial_each(w, 26));
  CHECK(w.b_metrics.text().find("phyllo_handshakes_total{code=\"ok\",transport=\"tls\"} 3") != std::string::npos);
  CHECK(w.b_metrics.text().find("phyllo_links{transport=\"tls\"} 0") != std::string::npos);
}

}  // namespace tls_link_server_test
