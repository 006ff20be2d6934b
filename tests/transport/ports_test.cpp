// Every listening port speaks every protocol: STUN over UDP, TCP and TLS, SIP by UDP anywhere, links on the web's port, load
// balancers in front, IPv6 beside IPv4, and what is left when descriptors are few.
#include <doctest.h>

#include <sys/resource.h>
#include <unistd.h>

#include <asio/ip/udp.hpp>

#include "host_fixture.hpp"
#include "phyllo/stun/message.hpp"

namespace ports_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

constexpr std::array<std::uint16_t, 6> tcp_ports{16084, 15060, 15061, 13478, 10443, 10080};
constexpr std::array<std::uint16_t, 4> udp_ports{16084, 13478, 10443, 15060};

transport::endpoint at(std::uint8_t net, std::uint8_t number, std::uint16_t port) {
  return {asio::ip::make_address_v4(asio::ip::address_v4::bytes_type{127, 20, net, number}), port};
}

class upstairs final : public transport::datagram_service {
 public:
  upstairs(core::environment& env, transport::host& at) : datagrams(env, 16) { at.serve(transport::datagram_kind::text, this); }
  void on_datagram(transport::datagram_port& port, const transport::incoming_datagram& d) override {
    datagrams.push(std::pair(d.from, &port));
  }
  core::mailbox<std::pair<transport::endpoint, transport::datagram_port*>> datagrams;
};

core::bytes binding_request() {
  stun::message m;
  m.transaction.fill(9);
  return m.encode();
}

core::awaitable<std::unique_ptr<transport::stream>> open(testing::two_hosts& w, transport::endpoint to, bool secure, std::string alpn) {
  const auto deadline = w.world.env->now() + 3s;
  core::result<std::unique_ptr<transport::stream>> s = core::fail(core::errc::invalid);
  if (secure) {
    transport::tls_client_options o;
    o.verify = false;
    if (!alpn.empty()) o.alpn.push_back(std::move(alpn));
    s = co_await w.a->open_tls(to, std::move(o), deadline);
  } else {
    s = co_await w.a->open_tcp(to, deadline);
  }
  REQUIRE_MESSAGE(s.has_value(), (s ? "" : s.error().message()));
  co_return std::move(*s);
}

// What comes back for `bytes`; empty: the connection was closed.
core::awaitable<core::bytes> ask(core::environment& env, transport::stream& s, core::bytes bytes, std::size_t answer_size) {
  const auto written = co_await s.write(bytes, env.now() + 3s);
  static_cast<void>(written);
  core::bytes out;
  while (out.size() < answer_size) {
    std::array<std::uint8_t, 512> buffer{};
    const auto n = co_await s.read(buffer, env.now() + 3s);
    if (!n) break;
    core::append(out, core::byte_view(buffer).first(*n));
  }
  co_return out;
}

core::awaitable<void> stun_on_streams(testing::two_hosts& w) {
  auto& env = *w.world.env;
  for (const auto port : tcp_ports) {
    for (const auto* alpn : {"plain", "", "stun.turn", "stun.nat-discovery"}) {
      const bool secure = std::string_view(alpn) != "plain";
      // The overlay's port takes a ClientHello without ALPN for a foreign RELOAD peer's.
      if (port == 16084 && secure && std::string_view(alpn).empty()) continue;
      const auto s = co_await open(w, at(60, 2, port), secure, alpn);
      const auto answer = co_await ask(env, *s, binding_request(), 32);
      const auto read = stun::message::decode(answer);
      REQUIRE_MESSAGE(read.has_value(), port << " " << alpn);
      CHECK(read->xor_mapped_address() == s->local());
    }
  }
  const auto s = co_await open(w, at(60, 2, 13478), false, "");
  auto turn = binding_request();
  turn[1] = 3;  // Allocate
  core::append(turn, *core::from_hex("40010004aabbccdd"));
  core::append(turn, binding_request());
  const auto answer = co_await ask(env, *s, turn, 32);
  CHECK(answer.size() == 32);  // to the Binding request only
  CHECK(w.b_metrics.drops().at("turn_unserved") == 2);
  co_await w.stop();
}

core::awaitable<void> links_on(testing::two_hosts& w, transport::link_kind kind, std::uint16_t port,
                               core::result<std::shared_ptr<transport::link>>& out) {
  std::vector<transport::candidate> to;
  to.push_back({kind, at(61, 2, port)});
  out = co_await w.a->connect(std::move(to), testing::numbered(2), w.world.env->now() + 3s);
}

// A stranger's UDP socket, outside all our code.
struct stranger {
  stranger(asio::io_context& io, const asio::ip::address& address) : socket(io, {address, 0}) { socket.non_blocking(true); }
  void send(const transport::endpoint& to, core::byte_view data) {
    socket.send_to(asio::buffer(data.data(), data.size()), {to.address, to.port});
  }
  core::awaitable<std::pair<core::bytes, std::uint16_t>> receive(core::environment& env, core::duration within) {
    const auto until = env.now() + within;
    while (env.now() < until) {
      core::bytes out(2048);
      asio::error_code ec;
      asio::ip::udp::endpoint from;
      const auto n = socket.receive_from(asio::buffer(out), from, 0, ec);
      out.resize(n);
      if (!ec) co_return std::pair(out, from.port());
      co_await core::sleep_for(env, 5ms);
    }
    co_return std::pair(core::bytes(), std::uint16_t{0});
  }
  asio::ip::udp::socket socket;
};

core::awaitable<void> text_on_any_udp_port(testing::two_hosts& w, upstairs& o) {
  auto& env = *w.world.env;
  stranger s(w.world.io, at(62, 99, 0).address);
  for (const auto port : udp_ports) {
    s.send(at(62, 2, port), core::as_bytes("OPTIONS sip:a@b SIP/2.0\r\n\r\n"));
    const auto heard = co_await o.datagrams.receive(env.now() + 3s);
    REQUIRE(heard.has_value());
    CHECK(heard->second->local() == at(62, 2, port));
    CHECK(heard->second->send(heard->first, core::as_bytes("SIP/2.0 200 OK\r\n\r\n")));
    const auto [answer, from] = co_await s.receive(env, 3s);
    CHECK(core::as_text(answer) == "SIP/2.0 200 OK\r\n\r\n");
    CHECK(from == port);
  }
  co_await w.stop();
}

core::awaitable<void> stun_flood(testing::two_hosts& w) {
  auto& env = *w.world.env;
  stranger s(w.world.io, at(63, 99, 0).address);
  for (int i = 0; i < 200; ++i) s.send(at(63, 2, 13478), binding_request());
  int answers = 0;
  while (true) {
    const auto [answer, from] = co_await s.receive(env, 200ms);
    if (answer.empty()) break;
    ++answers;
  }
  CHECK(answers >= 5);
  CHECK(answers <= 10);
  CHECK(w.b_metrics.drops().at("stun_rate") == 200 - static_cast<std::uint64_t>(answers));
  co_await w.stop();
}

core::bytes proxy_header_of(const char* rest) { return *core::from_hex(std::string("0d0a0d0a000d0a515549540a") + rest); }

core::awaitable<void> behind_a_balancer(testing::two_hosts& w) {
  auto& env = *w.world.env;
  const auto s = co_await open(w, at(64, 2, 10443), false, "");
  auto bytes = proxy_header_of("2111000cc0000201c0000202303901bb");
  core::append(bytes, binding_request());
  const auto answer = co_await ask(env, *s, bytes, 32);
  const auto read = stun::message::decode(answer);
  REQUIRE(read.has_value());
  CHECK(read->xor_mapped_address()->text() == "192.0.2.1:12345");
  const auto silent = co_await open(w, at(64, 2, 10443), false, "");
  const auto nothing = co_await ask(env, *silent, binding_request(), 32);  // a balancer that says not for whom
  CHECK(nothing.empty());
  CHECK(w.b_metrics.drops().at("proxy_header") == 1);
  // Of a stranger the same header is no header, and his address stays his.
  const auto lying = co_await w.b->open_tcp(at(64, 1, 10443), env.now() + 3s);
  REQUIRE(lying.has_value());
  auto lie = proxy_header_of("2111000cc0000201c0000202303901bb");
  core::append(lie, binding_request());
  const auto closed = co_await ask(env, **lying, lie, 32);
  CHECK(closed.empty());
  co_await w.stop();
}

core::awaitable<void> over_ipv6(testing::two_hosts& w, upstairs& o) {
  auto& env = *w.world.env;
  const auto six = asio::ip::make_address("::1");
  const transport::endpoint there(six, 13478);
  const auto s = co_await open(w, there, false, "");
  const auto answer = co_await ask(env, *s, binding_request(), 44);
  CHECK(stun::message::decode(answer).value().xor_mapped_address() == s->local());
  stranger u(w.world.io, six);
  u.send({six, 15060}, core::as_bytes("OPTIONS sip:a@b SIP/2.0\r\n\r\n"));
  const auto heard = co_await o.datagrams.receive(env.now() + 3s);
  REQUIRE(heard.has_value());
  CHECK(heard->second->send(heard->first, core::as_bytes("SIP/2.0 200 OK\r\n\r\n")));
  const auto [text, from] = co_await u.receive(env, 3s);
  CHECK(from == 15060);
  co_await w.stop();
}

bool has_ipv6() {
  asio::io_context io;
  asio::error_code ec;
  asio::ip::udp::socket s(io);
  s.open(asio::ip::udp::v6(), ec);
  if (!ec) s.bind({asio::ip::make_address_v6("::1"), 0}, ec);
  return !ec;
}

core::awaitable<void> few_descriptors(testing::two_hosts& w) {
  auto& env = *w.world.env;
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const int next = ::dup(0);
  REQUIRE(next >= 0);
  ::close(next);
  auto few = before;
  few.rlim_cur = static_cast<rlim_t>(next) + 50;  // less than 64, more than 32
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  const auto refused = co_await open(w, at(66, 2, 10443), false, "");
  const auto nothing = co_await ask(env, *refused, binding_request(), 32);
  CHECK(nothing.empty());
  CHECK(w.b_metrics.drops().at("descriptors_kept") == 1);
  // The overlay's port has half of what is kept.
  const auto taken = co_await open(w, at(66, 2, 16084), false, "");
  const auto answer = co_await ask(env, *taken, binding_request(), 32);
  CHECK(answer.size() == 32);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  co_await w.stop();
}

}  // namespace

TEST_CASE("every TCP port answers STUN, plain and inside TLS, with ALPN and without; TURN is counted") {
  testing::two_hosts w(60);
  w.world.run(stun_on_streams(w));
}

TEST_CASE("links are made on every port") {
  testing::two_hosts w(61);
  for (const auto kind : {transport::link_kind::dtls, transport::link_kind::tls}) {
    for (const auto port : udp_ports) {
      core::result<std::shared_ptr<transport::link>> out = core::fail(core::errc::invalid);
      w.world.run(links_on(w, kind, port, out));
      CHECK_MESSAGE(out.has_value(), (out ? "" : out.error().message()));
    }
  }
  w.world.run(w.stop());
}

TEST_CASE("SIP by UDP is heard on every port, and answered from the one it was sent to") {
  testing::two_hosts w(62);
  upstairs o(*w.world.env, *w.b);
  w.world.run(text_on_any_udp_port(w, o));
}

TEST_CASE("one address gets ten answers in any second at most to STUN by UDP, however much it asks") {
  testing::two_hosts w(63);
  w.world.run(stun_flood(w));
}

TEST_CASE("a load balancer's connections are those of whom it names; nobody else may name others") {
  testing::two_hosts w(64, [](transport::host_options& o) {
    if (o.address == at(64, 2, 0).address) o.proxies.push_back(transport::address_prefix::parse("127.20.64.0/24").value());
  });
  w.world.run(behind_a_balancer(w));
}

TEST_CASE("IPv6 is served beside IPv4, on ports of the same numbers" * doctest::skip(!has_ipv6())) {
  testing::two_hosts w(65, [](transport::host_options& o) {
    if (o.address == at(65, 2, 0).address)
      o.further_addresses.push_back({asio::ip::make_address("::1"), asio::ip::make_address("2001:db8::7")});
  });
  upstairs o(*w.world.env, *w.b);
  const auto all = w.b->candidates();
  REQUIRE(all.size() == 4);
  CHECK(all[0].at.text() == "127.20.65.2:16084");
  CHECK(all[2].at.text() == "[2001:db8::7]:16084");
  w.world.run(over_ipv6(w, o));
}

// clang's check of a type's table opens a pipe, and says that the table is invalid when there is no descriptor for it.
#ifdef __clang__
constexpr bool sanitizer_needs_descriptors = __has_feature(undefined_behavior_sanitizer);
#else
constexpr bool sanitizer_needs_descriptors = false;
#endif

TEST_CASE("with few descriptors left strangers are refused, and the overlay's port still serves" *
          doctest::skip(sanitizer_needs_descriptors)) {
  testing::two_hosts w(66);
  w.world.run(few_descriptors(w));
}

}  // namespace ports_test
