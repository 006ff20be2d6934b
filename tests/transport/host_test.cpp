// Hosts against strangers: wrong certificates, datagrams without proof, noise, taken ports, every protocol on any port.
#include "phyllo/transport/host.hpp"

#include <doctest.h>

#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>

#include "host_fixture.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/stun/message.hpp"
#include "phyllo/transport/http.hpp"
#include "udp_stranger.hpp"

namespace host_test {

using namespace phyllo;
using namespace std::chrono_literals;
using testing::until;
using stranger = testing::udp_stranger;

namespace {

// Serves text and HTTP, and notes all that comes.
class upstairs final : public transport::datagram_service {
 public:
  upstairs(core::environment& env, transport::host& at) : streams(env, 16), datagrams(env, 64) {
    at.serve(transport::datagram_kind::text, this);
    at.serve(transport::stream_kind::text, &text_);
    at.serve(transport::stream_kind::http, &http_);
  }
  void on_datagram(transport::datagram_port& port, const transport::incoming_datagram& d) override {
    datagrams.push(std::pair(&port, d.from.text() + " " + port.local().text() + " " + std::string(core::as_text(d.data))));
  }
  core::mailbox<std::pair<transport::stream_kind, std::unique_ptr<transport::stream>>> streams;
  core::mailbox<std::pair<transport::datagram_port*, std::string>> datagrams;

 private:
  struct of_a_kind final : transport::stream_service {
    of_a_kind(upstairs& u, transport::stream_kind k) : of(u), kind(k) {}
    void on_stream(std::unique_ptr<transport::stream> s) override { of.streams.push(std::pair(kind, std::move(s))); }
    upstairs& of;
    transport::stream_kind kind;
  };
  of_a_kind text_{*this, transport::stream_kind::text};
  of_a_kind http_{*this, transport::stream_kind::http};
};

core::awaitable<void> connect_to(testing::two_hosts& w, std::uint8_t expected, transport::link_kind kind,
                                 core::result<std::shared_ptr<transport::link>>& out) {
  out = co_await w.a->connect(testing::only(*w.b, kind), testing::numbered(expected), w.world.env->now() + 3s);
}

core::result<std::shared_ptr<transport::link>> connected(testing::two_hosts& w, std::uint8_t expected, transport::link_kind kind) {
  core::result<std::shared_ptr<transport::link>> out = core::fail(core::errc::invalid);
  w.world.run(connect_to(w, expected, kind, out));
  return out;
}

core::awaitable<void> read_all(core::environment& env, transport::stream& s, std::string& out) {
  while (true) {
    std::array<std::uint8_t, 1024> buffer{};
    const auto n = co_await s.read(buffer, env.now() + 5s);
    if (!n) co_return;
    out += core::as_text(core::byte_view(buffer).first(*n));
  }
}

}  // namespace

TEST_CASE("another node than the one asked for is a wrong peer, by DTLS and by TLS") {
  testing::two_hosts w(10);
  for (const auto kind : {transport::link_kind::dtls, transport::link_kind::tls}) {
    CHECK(connected(w, 3, kind).error() == transport::errc::wrong_peer);
  }
  w.world.run(w.stop());
}

TEST_CASE("a revoked node gets no link") {
  testing::two_hosts w(11);
  identity::trust strict("ring.example.com");
  REQUIRE(strict.update({w.overlay.ca.certificate_der()}, {testing::numbered(1)}));
  core::metrics metrics;
  auto c = w.open(11, 3, metrics, strict);
  testing::door door(*w.world.env);
  c->accept(&door);
  core::result<std::shared_ptr<transport::link>> out = core::fail(core::errc::invalid);
  const auto dial = [](testing::two_hosts& t, transport::host& to,
                       core::result<std::shared_ptr<transport::link>>& into) -> core::awaitable<void> {
    into = co_await t.a->connect(testing::only(to, transport::link_kind::dtls), std::nullopt, t.world.env->now() + 3s);
  };
  w.world.run(dial(w, *c, out));
  CHECK(out.error() == transport::errc::handshake_failed);
  CHECK(out.error().message().find("revoked") != std::string::npos);
  CHECK(metrics.text().find("phyllo_handshakes_total{code=\"certificate_rejected\",transport=\"dtls\"} 1") != std::string::npos);
  CHECK(door.links.empty());
  w.world.run(c->stop());
  w.world.run(w.stop());
}

TEST_CASE("nobody at the other end is refused or timed out, before the deadline") {
  testing::two_hosts w(12);
  const auto dial = [](testing::two_hosts& t, transport::link_kind kind,
                       core::result<std::shared_ptr<transport::link>>& into) -> core::awaitable<void> {
    std::vector<transport::candidate> to;
    to.push_back({kind, testing::loopback_at(12, 77, 16084)});
    into = co_await t.a->connect(std::move(to), std::nullopt, t.world.env->now() + 3s);
  };
  for (const auto kind : {transport::link_kind::dtls, transport::link_kind::tls}) {
    core::result<std::shared_ptr<transport::link>> out = core::fail(core::errc::invalid);
    const auto start = w.world.env->now();
    w.world.run(dial(w, kind, out));
    CHECK(out.error() == transport::errc::refused);
    CHECK(w.world.env->now() - start < 2s);
  }
  w.world.run(w.stop());
}

TEST_CASE("every UDP port answers a STUN Binding request") {
  testing::two_hosts w(14);
  stranger s(w.world.io, 14);
  stun::message request;
  request.transaction.fill(9);
  constexpr std::array<std::uint16_t, 4> ports{16084, 15060, 13478, 10443};
  for (const auto port : ports) {
    s.send(testing::loopback_at(14, 2, port), request.encode());
    core::bytes answer;
    const auto wait = [](core::environment& env, stranger& from, core::bytes& into) -> core::awaitable<void> {
      for (int i = 0; i < 200 && into.empty(); ++i) {
        co_await core::sleep_for(env, 5ms);
        into = from.receive();
      }
    };
    w.world.run(wait(*w.world.env, s, answer));
    const auto read = stun::message::decode(answer);
    REQUIRE(read.has_value());
    CHECK(read->xor_mapped_address()->port == s.socket.local_endpoint().port());
  }
  w.world.run(w.stop());
}

TEST_CASE("a port that is taken is an error that names it") {
  testing::two_hosts w(15);
  core::metrics m;
  transport::host_options o;
  o.address = testing::loopback_at(15, 2, 0).address;
  o.ports = {0, 0, 0, 0, 0, 10080};
  const auto tcp = transport::host::open(*w.world.env, o, nullptr, w.overlay.trust, {}, m, {});
  REQUIRE_FALSE(tcp.has_value());
  CHECK(tcp.error() == transport::errc::address_in_use);
  CHECK(tcp.error().message().find("TCP 127.20.15.2:10080") != std::string::npos);
  o.ports = {0, 0, 0, 13478, 0, 0};
  const auto udp = transport::host::open(*w.world.env, o, nullptr, w.overlay.trust, {}, m, {});
  REQUIRE_FALSE(udp.has_value());
  CHECK(udp.error().message().find("UDP 127.20.15.2:13478") != std::string::npos);
  w.world.run(w.stop());
}

TEST_CASE("SIP, HTTP and TLS share one TCP port") {
  testing::two_hosts w(16);
  upstairs observer(*w.world.env, *w.b);
  const auto talk = [](testing::two_hosts& t, upstairs& o) -> core::awaitable<void> {
    auto& env = *t.world.env;
    const auto target = testing::loopback_at(16, 2, 15060);
    const std::pair<const char*, transport::stream_kind> plain[] = {{"OPTIONS sip:a@b SIP/2.0\r\n\r\n", transport::stream_kind::text},
                                                                    {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", transport::stream_kind::http}};
    for (const bool secure : {false, true}) {
      for (const auto& [text, protocol] : plain) {
        core::result<std::unique_ptr<transport::stream>> s = core::fail(core::errc::invalid);
        if (secure) {
          transport::tls_client_options options;
          options.server_name = "www.example.com";
          options.anchors_pem.push_back(t.web.chain_pem);
          s = co_await t.a->open_tls(target, std::move(options), env.now() + 3s);
        } else {
          s = co_await t.a->open_tcp(target, env.now() + 3s);
        }
        REQUIRE_MESSAGE(s.has_value(), (s ? "" : s.error().message()));
        CHECK((*s)->local().address == testing::loopback_at(16, 1, 0).address);
        const auto written = co_await (*s)->write(core::as_bytes(text), env.now() + 3s);
        REQUIRE(written);
        auto taken = co_await o.streams.receive(env.now() + 3s);
        REQUIRE(taken.has_value());
        CHECK(taken->first == protocol);
        CHECK(taken->second->secure() == secure);
        std::array<std::uint8_t, 256> buffer{};
        const auto n = co_await taken->second->read(buffer, env.now() + 3s);
        REQUIRE(n.has_value());
        CHECK(core::as_text(core::byte_view(buffer).first(*n)) == text);
      }
    }
    co_await t.stop();
  };
  w.world.run(talk(w, observer));
}

TEST_CASE("an HTTP server on a host answers a web client, and SIP by ALPN needs no sniffing") {
  testing::two_hosts w(17);
  upstairs observer(*w.world.env, *w.b);
  const auto serve_one = [](core::environment& env, upstairs& o) -> core::awaitable<void> {
    auto taken = co_await o.streams.receive(env.now() + 5s);
    const transport::http_handler hello = [](transport::http_request r) -> core::awaitable<transport::http_response> {
      transport::http_response out;
      out.body = "hello " + r.path() + (r.secure ? " securely" : "");
      co_return out;
    };
    const transport::http_limits limits;
    co_await transport::serve_http(env, std::move(taken->second), hello, limits);
  };
  const auto ask = [](testing::two_hosts& t, upstairs& o) -> core::awaitable<void> {
    auto& env = *t.world.env;
    transport::tls_client_options options;
    options.alpn.push_back("http/1.1");
    options.server_name = "www.example.com";
    options.anchors_pem.push_back(t.web.chain_pem);
    auto s = co_await transport::open_tls_stream(env, asio::ip::address_v4(), testing::loopback_at(17, 2, 10443), options, env.now() + 3s);
    REQUIRE_MESSAGE(s.has_value(), (s ? "" : s.error().message()));
    transport::http_request request;
    request.target = "/x?y";
    const auto answer = co_await transport::request_http(**s, "www.example.com", std::move(request), env.now() + 3s);
    REQUIRE(answer.has_value());
    CHECK(answer->body == "hello /x securely");
    options.alpn = std::vector<std::string>(1, "phyllo-sip");
    auto sip = co_await t.a->open_tls(testing::loopback_at(17, 2, 15061), options, env.now() + 3s);
    REQUIRE_MESSAGE(sip.has_value(), (sip ? "" : sip.error().message()));
    const auto taken = co_await o.streams.receive(env.now() + 3s);
    REQUIRE(taken.has_value());
    CHECK(taken->second->alpn() == "phyllo-sip");
    co_await t.stop();
  };
  core::task_scope scope(*w.world.env);
  scope.spawn(serve_one(*w.world.env, observer));
  w.world.run(ask(w, observer));
  w.world.run(scope.join());
}

TEST_CASE("a datagram comes to who serves it with both endpoints, and the answer leaves from the port to which it came") {
  testing::two_hosts w(18);
  upstairs observer(*w.world.env, *w.b);
  stranger s(w.world.io, 18);
  s.send(testing::loopback_at(18, 2, 15060), core::as_bytes("OPTIONS sip:a@b SIP/2.0\r\n\r\n"));
  const auto talk = [](testing::two_hosts& t, upstairs& o, stranger& from) -> core::awaitable<void> {
    const auto got = co_await o.datagrams.receive(t.world.env->now() + 3s);
    const auto port = from.socket.local_endpoint().port();
    REQUIRE(got.has_value());
    CHECK(got->second == testing::loopback_at(18, 99, port).text() + " 127.20.18.2:15060 OPTIONS sip:a@b SIP/2.0\r\n\r\n");
    REQUIRE(got->first->send(testing::loopback_at(18, 99, port), core::as_bytes("SIP/2.0 200 OK\r\n\r\n")));
    core::bytes answer;
    for (int i = 0; i < 200 && answer.empty(); ++i) {
      co_await core::sleep_for(*t.world.env, 5ms);
      answer = from.receive();
    }
    CHECK(core::as_text(answer) == "SIP/2.0 200 OK\r\n\r\n");
    co_await t.stop();
  };
  w.world.run(talk(w, observer, s));
}

TEST_CASE("a stream that says nothing, or nonsense, is closed and counted") {
  testing::two_hosts w(19, [](transport::host_options& o) { o.handshake_timeout = 300ms; });
  const auto talk = [](testing::two_hosts& t) -> core::awaitable<void> {
    auto& env = *t.world.env;
    for (const auto* text : {"", "G", "\x80\x81 nonsense", "\x16\x03\x01\x02\x00\x01"}) {
      auto s = co_await t.a->open_tcp(testing::loopback_at(19, 2, 10080), env.now() + 3s);
      REQUIRE(s.has_value());
      const auto written = co_await (*s)->write(core::as_bytes(text), env.now() + 1s);
      REQUIRE(written);
      std::string heard;
      co_await read_all(env, **s, heard);
    }
    co_await t.stop();
  };
  w.world.run(talk(w));
  CHECK(w.b_metrics.drops().at("stream_slow") == 2);
  CHECK(w.b_metrics.drops().at("stream_noise") == 1);
  CHECK(w.b_metrics.text().find("phyllo_handshakes_total{code=\"timed_out\",transport=\"tls\"} 1") != std::string::npos);
}

TEST_CASE("a connection beyond the limit takes the place of the one that was idle longest, and of no known one") {
  testing::two_hosts w(20, [](transport::host_options& o) { o.limits.connections_max = 2; });
  upstairs observer(*w.world.env, *w.b);
  const auto talk = [](testing::two_hosts& t, upstairs& o) -> core::awaitable<void> {
    auto& env = *t.world.env;
    std::vector<std::unique_ptr<transport::stream>> there;
    std::vector<std::unique_ptr<transport::stream>> here;
    for (int i = 0; i < 3; ++i) {
      auto s = co_await t.a->open_tcp(testing::loopback_at(20, 2, 10080), env.now() + 3s);
      REQUIRE(s.has_value());
      const auto written = co_await (*s)->write(core::as_bytes("GET / HTTP/1.1\r\n"), env.now() + 3s);
      REQUIRE(written);
      there.push_back(std::move(*s));
      auto taken = co_await o.streams.receive(env.now() + 3s);
      REQUIRE(taken.has_value());
      here.push_back(std::move(taken->second));
      if (i == 0) here.front()->keep(true);
    }
    std::array<std::uint8_t, 32> buffer{};
    const auto second = co_await here[1]->read(buffer, env.now() + 3s);
    CHECK(second.error() == transport::errc::closed);
    const auto first = co_await here[0]->read(buffer, env.now() + 3s);
    CHECK(first.has_value());
    const auto third = co_await here[2]->read(buffer, env.now() + 3s);
    CHECK(third.has_value());
    co_await t.stop();
  };
  w.world.run(talk(w, observer));
}

TEST_CASE("the race wins by TLS where DTLS stays silent") {
  testing::two_hosts w(21);
  // A UDP socket that hears and never answers.
  asio::ip::udp::socket silent(w.world.io, {testing::loopback_at(21, 50, 0).address, 16084});
  const auto dial = [](testing::two_hosts& t, core::result<std::shared_ptr<transport::link>>& into) -> core::awaitable<void> {
    std::vector<transport::candidate> to;
    to.push_back({transport::link_kind::tls, testing::loopback_at(21, 2, 16084)});
    to.push_back({transport::link_kind::dtls, testing::loopback_at(21, 50, 16084)});
    into = co_await t.a->connect(std::move(to), testing::numbered(2), t.world.env->now() + 5s);
  };
  core::result<std::shared_ptr<transport::link>> out = core::fail(core::errc::invalid);
  const auto start = w.world.env->now();
  w.world.run(dial(w, out));
  REQUIRE_MESSAGE(out.has_value(), (out ? "" : out.error().message()));
  CHECK((*out)->kind() == transport::link_kind::tls);
  CHECK(w.world.env->now() - start >= 250ms);
  w.world.run(w.stop());
}

TEST_CASE("a second link to the same endpoint leaves from another port, so both live") {
  testing::two_hosts w(22);
  const auto first = connected(w, 2, transport::link_kind::dtls);
  const auto second = connected(w, 2, transport::link_kind::dtls);
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  CHECK((*first)->open());
  CHECK((*second)->open());
  CHECK(w.b_metrics.text().find("phyllo_links{transport=\"dtls\"} 2") != std::string::npos);
  w.world.run(w.stop());
  CHECK_FALSE((*first)->open());
}

TEST_CASE("a link that nobody takes ends, and stopping a host in the middle of a connect is quiet") {
  testing::two_hosts w(23, [](transport::host_options& o) { o.link_idle_timeout = 200ms; });
  const auto l = connected(w, 2, transport::link_kind::tls);
  REQUIRE(l.has_value());
  const auto run = [](testing::two_hosts& t, transport::link& link) -> core::awaitable<void> {
    const std::function<bool()> is_closed = [&link] { return !link.open(); };
    const bool ended = co_await until(*t.world.env, is_closed);
    CHECK(ended);
  };
  w.world.run(run(w, **l));
  asio::ip::udp::socket silent(w.world.io, {testing::loopback_at(23, 50, 0).address, 16084});
  core::result<std::shared_ptr<transport::link>> out = core::fail(core::errc::invalid);
  const auto dial = [](testing::two_hosts& t, core::result<std::shared_ptr<transport::link>>& into) -> core::awaitable<void> {
    std::vector<transport::candidate> to;
    to.push_back({transport::link_kind::dtls, testing::loopback_at(23, 50, 16084)});
    into = co_await t.a->connect(std::move(to), std::nullopt, t.world.env->now() + 20s);
  };
  core::task_scope scope(*w.world.env);
  scope.spawn(dial(w, out));
  const auto stop = [](testing::two_hosts& t) -> core::awaitable<void> {
    co_await core::sleep_for(*t.world.env, 50ms);
    co_await t.stop();
  };
  w.world.run(stop(w));
  w.a.reset();  // nothing of it is needed any more
  w.world.run(scope.join());
  CHECK(out.error() == transport::errc::closed);
}

TEST_CASE("a connect that is cancelled leaves nothing behind") {
  testing::two_hosts w(24);
  asio::ip::udp::socket silent(w.world.io, {testing::loopback_at(24, 50, 0).address, 16084});
  core::result<std::shared_ptr<transport::link>> out = core::fail(core::errc::invalid);
  const auto dial = [](testing::two_hosts& t, core::result<std::shared_ptr<transport::link>>& into) -> core::awaitable<void> {
    std::vector<transport::candidate> to;
    to.push_back({transport::link_kind::dtls, testing::loopback_at(24, 50, 16084)});
    into = co_await t.a->connect(std::move(to), std::nullopt, t.world.env->now() + 20s);
  };
  core::task_scope scope(*w.world.env);
  scope.spawn(dial(w, out));
  const auto cancel = [](testing::two_hosts& t, core::task_scope& s) -> core::awaitable<void> {
    co_await core::sleep_for(*t.world.env, 50ms);
    s.cancel();
    co_await s.join();
    co_await t.stop();
  };
  w.world.run(cancel(w, scope));
  CHECK(out.error() == core::errc::invalid);  // it never returned
}

}  // namespace host_test
