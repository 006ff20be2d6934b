// The doors of a simulated node: text at its SIP port, ports of one's own.
#include "phyllo/sim/carrier.hpp"

#include <doctest.h>

#include <string>
#include <vector>

#include "phyllo/transport/errc.hpp"
#include "support/simulated_world.hpp"

namespace carrier_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

// Notes what comes, and answers it.
struct ear final : transport::datagram_service {
  void on_datagram(transport::datagram_port& port, const transport::incoming_datagram& d) override {
    heard.push_back(port.local().text() + " from " + d.from.text() + ": " + std::string(core::as_text(d.data)));
    CHECK(port.send(d.from, core::as_bytes("answer")));
  }
  std::vector<std::string> heard;
};

struct one_node {
  one_node() {
    identity::node_id id;
    id.octets[15] = 1;
    const auto now = world.wall_now();
    const auto own = ca.issue({id, "node@example.org", "example.org", {}, now - 1h, now + 24h}, key.native()).value();
    host = carrier.open(network.add(own), own);
    carrier.listen(phone, [this](const transport::endpoint& from, core::byte_view data) {
      at_phone.push_back(from.text() + ": " + std::string(core::as_text(data)));
    });
  }
  void send(const transport::endpoint& to, std::string_view text) {
    carrier.send(phone, to, core::as_bytes(text));
    world.run_for(1s);
  }
  static transport::endpoint at(std::uint16_t port) { return {sim::network::address(0).address, port}; }

  testing::simulated_world world{3};
  identity::authority ca = identity::authority::create("example CA", world.wall_now() - 2h);
  identity::private_key key = identity::private_key::generate();
  sim::network network{world};
  sim::carrier carrier{network};
  const transport::endpoint phone{asio::ip::make_address("192.0.2.1"), 5060};
  std::vector<std::string> at_phone;
  std::unique_ptr<transport::host> host;
};

}  // namespace

TEST_CASE_FIXTURE(one_node, "text at the SIP port is his who serves it, and is answered from there") {
  ear e;
  host->serve(transport::datagram_kind::text, &e);
  REQUIRE(host->ports().size() == 1);
  CHECK(host->ports().front()->local() == at(5060));
  send(at(5060), "hello");
  CHECK(e.heard == std::vector<std::string>{"10.0.0.1:5060 from 192.0.2.1:5060: hello"});
  CHECK(at_phone == std::vector<std::string>{"10.0.0.1:5060: answer"});
  host->serve(transport::datagram_kind::text, nullptr);
  send(at(5060), "hello again");
  CHECK(e.heard.size() == 1);
}

TEST_CASE_FIXTURE(one_node, "a port of one's own hears what comes to it alone, until it is given up") {
  ear text;
  ear own;
  host->serve(transport::datagram_kind::text, &text);
  auto port = host->open_port(at(7000), own).value();
  CHECK(host->open_port(at(7000), own).error() == transport::errc::address_in_use);
  const auto other = host->open_port(at(0), own).value();
  CHECK(other->local().port != port->local().port);
  send(at(7000), "hello");
  CHECK(own.heard == std::vector<std::string>{"10.0.0.1:7000 from 192.0.2.1:5060: hello"});
  CHECK(at_phone == std::vector<std::string>{"10.0.0.1:7000: answer"});
  CHECK(text.heard.empty());
  port.reset();
  send(at(7000), "hello again");
  CHECK(own.heard.size() == 1);
  CHECK(host->open_port(at(7000), own).has_value());
}

}  // namespace carrier_test
