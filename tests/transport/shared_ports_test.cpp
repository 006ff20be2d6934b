// Three hosts of one node on the same ports, as its shards have them: who gets what, and what they pass on to one another.
#include <doctest.h>

#include <map>
#include <set>

#include <asio/ip/udp.hpp>

#include "host_fixture.hpp"
#include "phyllo/stun/message.hpp"

namespace shared_ports_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

constexpr unsigned shards = 3;
constexpr std::uint16_t sip = 15060;
constexpr std::uint16_t reload = 16084;
const transport::steering by(shards, 0x9E3779B1, 0x85EBCA77);

// What comes as text to one of the hosts.
class listener final : public transport::datagram_service, public transport::stream_service {
 public:
  listener(core::environment& env, transport::host& at) : datagrams(env, 64), streams(env, 64) {
    at.serve(transport::datagram_kind::text, this);
    at.serve(transport::stream_kind::text, this);
  }
  void on_datagram(transport::datagram_port&, const transport::incoming_datagram& d) override { datagrams.push(d.from); }
  void on_stream(std::unique_ptr<transport::stream> s) override { streams.push(std::move(s)); }
  core::mailbox<transport::endpoint> datagrams;
  core::mailbox<std::unique_ptr<transport::stream>> streams;
};

// The shards' hosts share a thread here: what they share between themselves is ports.
struct node_of_three {
  testing::two_hosts others;  // `a` dials, `b` has nothing to do
  core::environment& env = *others.world.env;
  std::vector<std::unique_ptr<core::metrics>> metrics;
  std::vector<std::unique_ptr<transport::host>> hosts;
  std::vector<std::unique_ptr<listener>> heard;
  testing::door links{env};
  int passed_on = 0;
  std::uint8_t net;

  explicit node_of_three(std::uint8_t n, const testing::two_hosts::tuning& tune = nullptr) : others(n), net(n) {
    for (unsigned i = 0; i < shards; ++i) {
      auto& m = *metrics.emplace_back(std::make_unique<core::metrics>());
      hosts.push_back(others.open(net, 9, m, others.overlay.trust, [&](transport::host_options& o) {
        o.shard.emplace();
        o.shard->index = i;
        o.shard->pass_on = [this](unsigned to, transport::moved_connection c) {
          ++passed_on;
          hosts[to]->take(std::move(c));
        };
        if (tune) tune(o);
      }));
      heard.push_back(std::make_unique<listener>(env, *hosts.back()));
    }
    hosts[0]->accept(&links);
  }
  void spread() {
    for (const auto& h : hosts) REQUIRE(h->steer(by));
  }
  [[nodiscard]] transport::endpoint at(std::uint16_t port) const {
    return {asio::ip::make_address_v4(asio::ip::address_v4::bytes_type{127, 20, net, 9}), port};
  }
  core::awaitable<void> stop() {
    for (auto& h : hosts) co_await h->stop();
    co_await others.stop();
  }
};

std::string source(std::uint8_t net, unsigned i) { return "127.20." + std::to_string(net) + "." + std::to_string(100 + i); }

unsigned shard_of(const std::string& address) { return by.shard_of(asio::ip::make_address(address)); }

// From an address of its own: which of the hosts heard it; `shards`: none.
core::awaitable<unsigned> hearer(node_of_three& n, std::string from) {
  asio::ip::udp::socket s(n.env.get_executor(), {asio::ip::make_address(from), 0});
  s.send_to(asio::buffer(std::string("OPTIONS sip:b SIP/2.0\r\n\r\n")), {n.at(sip).address, sip});
  for (int turn = 0; turn < 100; ++turn) {
    for (unsigned i = 0; i < shards; ++i) {
      if (n.heard[i]->datagrams.empty()) continue;
      const auto d = co_await n.heard[i]->datagrams.receive(n.env.now());
      if (d && d->address.to_string() == from) co_return i;
    }
    co_await core::sleep_for(n.env, 5ms);
  }
  co_return shards;
}

core::awaitable<void> hear_all(node_of_three& n, std::map<std::string, unsigned>& by_address) {
  for (unsigned i = 0; i < 12; ++i) {
    const auto from = source(n.net, i);
    by_address[from] = co_await hearer(n, from);
  }
  co_await n.stop();
}

// A text by TCP from that address, after `head`: which of the hosts serves it.
core::awaitable<unsigned> server_of(node_of_three& n, std::string from, core::bytes head) {
  auto s = co_await transport::open_tcp_stream(n.env, asio::ip::make_address(from), n.at(sip), n.env.now() + 3s);
  REQUIRE(s);
  core::append(head, core::as_bytes("OPTIONS sip:b SIP/2.0\r\n\r\n"));
  const auto written = co_await (*s)->write(head, n.env.now() + 3s);
  REQUIRE(written);
  for (int turn = 0; turn < 200; ++turn) {
    for (unsigned i = 0; i < shards; ++i) {
      if (!n.heard[i]->streams.empty()) {
        auto got = co_await n.heard[i]->streams.receive(n.env.now());
        co_return i;
      }
    }
    co_await core::sleep_for(n.env, 5ms);
  }
  co_return shards;
}

core::awaitable<void> serve_all(node_of_three& n, std::map<std::string, unsigned>& by_address) {
  for (unsigned i = 0; i < 12; ++i) {
    const auto from = source(n.net, i);
    by_address[from] = co_await server_of(n, from, {});
  }
  co_await n.stop();
}

// A PROXY header (version 2) for that address, from one that is another shard's.
core::bytes proxy_header_of(const std::string& address) {
  core::bytes out{0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x21, 0x11, 0, 12};
  const auto octets = asio::ip::make_address_v4(address).to_bytes();
  core::append(out, core::byte_view(octets));
  core::append(out, core::bytes{127, 0, 0, 1, 0x30, 0x39, 0x3a, 0xd4});
  return out;
}

core::awaitable<void> balance_all(node_of_three& n, std::map<std::string, unsigned>& by_address) {
  for (unsigned i = 0; i < 12; ++i) {
    const auto told = "198.51.100." + std::to_string(i);
    by_address[told] = co_await server_of(n, source(n.net, 0), proxy_header_of(told));
  }
  co_await n.stop();
}

core::awaitable<void> link_to(node_of_three& n, transport::link_kind kind, bool& linked, bool& accepted) {
  std::vector<transport::candidate> there{{kind, n.at(reload)}};
  auto made = co_await n.others.a->connect(there, std::nullopt, n.env.now() + 5s);
  linked = made.has_value();
  const auto got = co_await n.links.links.receive(n.env.now() + 3s);
  accepted = got.has_value();
  co_await n.stop();
}

core::awaitable<void> stun_from(node_of_three& n, std::set<std::string>& answered) {
  for (unsigned i = 0; i < 12; ++i) {
    asio::ip::udp::socket s(n.env.get_executor(), {asio::ip::make_address(source(n.net, i)), 0});
    stun::message m;
    m.transaction.fill(static_cast<std::uint8_t>(i));
    s.send_to(asio::buffer(m.encode()), {n.at(sip).address, sip});
    s.non_blocking(true);
    for (int turn = 0; turn < 100; ++turn) {
      std::array<char, 200> buffer{};
      asio::ip::udp::endpoint who;
      asio::error_code ec;
      s.receive_from(asio::buffer(buffer), who, 0, ec);
      if (!ec) answered.insert(source(n.net, i));
      if (!ec) break;
      co_await core::sleep_for(n.env, 5ms);
    }
  }
  co_await n.stop();
}

}  // namespace

TEST_CASE("SIP's datagrams come to the host of their address, once the ports are steered; before, to the first") {
  std::map<std::string, unsigned> before;
  node_of_three unsteered(51);
  unsteered.others.world.run(hear_all(unsteered, before));
  for (const auto& [from, shard] : before) CHECK(shard == 0);
  std::map<std::string, unsigned> after;
  node_of_three n(52);
  n.spread();
  n.others.world.run(hear_all(n, after));
  std::set<unsigned> seen;
  for (const auto& [from, shard] : after) {
    CHECK(shard == shard_of(from));
    seen.insert(shard);
  }
  CHECK(seen.size() == shards);
}

TEST_CASE("a connection is served by the host of its address") {
  std::map<std::string, unsigned> by_address;
  node_of_three n(53);
  n.spread();
  n.others.world.run(serve_all(n, by_address));
  for (const auto& [from, shard] : by_address) CHECK(shard == shard_of(from));
  CHECK(n.passed_on == 0);
}

TEST_CASE("whom a load balancer forwards is for the host of his own address") {
  std::map<std::string, unsigned> by_address;
  node_of_three n(54, [](transport::host_options& o) { o.proxies.push_back(*transport::address_prefix::parse("127.20.54.0/24")); });
  n.spread();
  n.others.world.run(balance_all(n, by_address));
  std::set<unsigned> seen;
  for (const auto& [told, shard] : by_address) {
    CHECK(shard == shard_of(told));
    seen.insert(shard);
  }
  CHECK(seen.size() == shards);
  CHECK(n.passed_on > 0);
}

TEST_CASE("links are the first host's, whichever has accepted their connection") {
  for (const auto kind : {transport::link_kind::tls, transport::link_kind::dtls}) {
    for (std::uint8_t net = 55; net < 59; ++net) {  // from addresses of several shards
      node_of_three n(net);
      n.spread();
      bool linked = false;
      bool accepted = false;
      n.others.world.run(link_to(n, kind, linked, accepted));
      CHECK(linked);
      CHECK(accepted);
      const bool is_of_other = shard_of("127.20." + std::to_string(net) + ".1") != 0;
      CHECK(n.passed_on == (is_of_other && kind == transport::link_kind::tls ? 1 : 0));
    }
  }
}

TEST_CASE("STUN is answered by the first host, whoever asks") {
  std::set<std::string> answered;
  node_of_three n(59);
  n.spread();
  n.others.world.run(stun_from(n, answered));
  CHECK(answered.size() == 12);
}

TEST_CASE("a port of another process is not shared with it") {
  testing::two_hosts others(60);
  core::metrics m;
  transport::host_options o;
  o.address = asio::ip::make_address("127.20.60.1");
  o.ports = {16084, 15060, 15061, 13478, 10443, 10080};
  o.shard.emplace();
  const auto second = transport::host::open(*others.world.env, o, nullptr, others.overlay.trust, others.web, m, {});
  REQUIRE_FALSE(second);
  CHECK(second.error() == transport::errc::address_in_use);
  others.world.run(others.stop());
}

}  // namespace shared_ports_test
