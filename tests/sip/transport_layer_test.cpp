// The transport layer on real sockets of 127.40.0.0/16.
#include "sip/transport_layer.hpp"

#include <doctest.h>

#include <array>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include "phyllo/core/mailbox.hpp"
#include "phyllo/core/source_limit.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/identity/web_certificate.hpp"
#include "phyllo/transport/errc.hpp"
#include "phyllo/transport/host.hpp"
#include "sip/glance.hpp"
#include "sip/message_edit.hpp"
#include "support/run.hpp"
#include "support/sip_authority.hpp"
#include "support/websocket_frames.hpp"

namespace transport_layer_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

struct arrival {
  std::string text;
  sip::source from;
};

// One host with its transport layer, and all it hears.
class node final : public transport::datagram_service, public transport::stream_service, public sip::transport_user {
 public:
  node(core::environment& env, std::uint8_t net, std::uint8_t number, const transport::web_certificate& shown = {},
       sip::transport_options o = {}, const testing::sip_authority* authority = nullptr)
      : env_(env), messages(env, 64), failures(env, 64), closed(env, 64), raw(env, 4) {
    transport::host_options h;
    h.address = asio::ip::make_address_v4(asio::ip::address_v4::bytes_type{127, 40, net, number});
    h.ports = {0, sip_port, sips_port, 0, 0, 0};
    std::shared_ptr<const identity::credential> credential;
    if (authority != nullptr) {
      REQUIRE(trust_.update({authority->ca.certificate_der()}, {}));
      credential = authority->credential(number, "node@example.com", {"example.com"});
    }
    auto opened = transport::host::open(env, h, credential, trust_, shown, metrics, {});
    REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().message()));
    host = std::move(*opened);
    address = h.address;
    o.advertised_address = h.address.to_string();
    o.ports = h.ports;
    layer = sip::transport_layer::create(env, *host, std::move(o), metrics, {});
    layer->observe(this);
    host->serve(transport::datagram_kind::text, this);
    host->serve(transport::stream_kind::text, this);
    host->serve(transport::stream_kind::http, &web_);
  }

  static constexpr std::uint16_t sip_port = 25060;
  static constexpr std::uint16_t sips_port = 25061;

  void on_datagram(transport::datagram_port& port, const transport::incoming_datagram& d) override { layer->on_datagram(port, d); }
  void on_stream(std::unique_ptr<transport::stream> s) override {
    if (keep_streams_raw) {
      raw.push(std::move(s));
    } else {
      layer->on_stream(std::move(s));
    }
  }
  // As if it had come to the SIP port.
  void arrive(const transport::endpoint& from, std::string_view text) {
    layer->on_datagram(*host->ports().front(), {from, core::as_bytes(text)});
  }
  void on_message(sip::message m, const sip::source& from) override { messages.push({m.print(), from}); }
  void on_send_failed(std::uint64_t token, const core::error&) override { failures.push(token); }
  void on_flow_closed(sip::flow_id flow) override { closed.push(flow); }

  [[nodiscard]] sip::destination to(sip::protocol p) const {
    sip::destination d;
    d.by = p;
    d.at = {address, p == sip::protocol::tls ? sips_port : sip_port};
    return d;
  }
  core::awaitable<arrival> next() {
    auto m = co_await messages.receive(env_.now() + 5s);
    REQUIRE_MESSAGE(m.has_value(), "no message came");
    co_return std::move(*m);
  }
  core::awaitable<void> stop() {
    co_await layer->stop();
    co_await host->stop();
    web_.scope.cancel();
    co_await web_.scope.join();
  }

 private:
  std::optional<transport::http_upgrade> upgrade(const transport::http_request& r) {
    transport::websocket_options o;
    o.protocol = "sip";
    return transport::http_upgrade{transport::answer_websocket(r, o), [this, o](std::unique_ptr<transport::stream> s) {
                                     layer->on_websocket(transport::websocket::over(env_, std::move(s), o));
                                   }};
  }
  static core::awaitable<transport::http_response> nothing(transport::http_request) { co_return transport::http_response(); }

  core::environment& env_;
  // Phones' WebSockets.
  struct web final : transport::stream_service {
    explicit web(node& n) : of(n), scope(n.env_) {}
    void on_stream(std::unique_ptr<transport::stream> s) override {
      scope.spawn(transport::serve_http(of.env_, std::move(s), of.nothing_, {}, &of.upgrader_));
    }
    node& of;
    core::task_scope scope;
  };
  web web_{*this};
  const transport::http_handler nothing_ = nothing;
  const transport::http_upgrader upgrader_ = [this](const transport::http_request& r) { return upgrade(r); };
  identity::trust trust_{"ring.example.com"};

 public:
  core::metrics metrics;
  asio::ip::address address;
  std::unique_ptr<transport::host> host;
  std::unique_ptr<sip::transport_layer> layer;
  core::mailbox<arrival> messages;
  core::mailbox<std::uint64_t> failures;
  core::mailbox<sip::flow_id> closed;
  core::mailbox<std::unique_ptr<transport::stream>> raw;
  bool keep_streams_raw = false;
};

std::string request(std::string_view via_transport, std::size_t body = 0) {
  auto m = sip::message::request("OPTIONS", "sip:b@example.com", "<sip:a@example.com>;tag=1", "<sip:b@example.com>", "id", 1);
  push_via(*m, via_transport, "10.0.0.1:5060", "z9hG4bKtest");
  if (body > 0) set_body(*m, "text/plain", core::as_bytes(std::string(body, 'x')));
  return m->print();
}

core::status send(node& from, const sip::destination& to, const std::string& text, std::uint64_t token = 7) {
  return from.layer->send(to, core::as_bytes(text), token);
}

core::awaitable<void> by_udp(core::environment& env) {
  node a(env, 0, 1), b(env, 0, 2);
  CHECK(send(a, b.to(sip::protocol::udp), request("UDP")));
  const auto got = co_await b.next();
  CHECK(got.from.by == sip::protocol::udp);
  CHECK(got.from.remote.address == a.address);
  CHECK(got.from.flow == sip::flow_id::none);
  CHECK(got.text.find(";received=127.40.0.1;rport=25060") != std::string::npos);
  CHECK(a.layer->sent_by(sip::protocol::tls) == "127.40.0.1:25061");
  CHECK(b.metrics.text().find("phyllo_sip_messages_total{transport=\"udp\"} 1") != std::string::npos);
  b.arrive(got.from.remote, "\r\n\r\n");
  b.arrive(got.from.remote, "noise\r\n\r\n");
  b.arrive(got.from.remote, "noise SIP/2.0\r\n\r\n");
  CHECK(b.metrics.drops().at("sip_noise") == 1);
  CHECK(b.metrics.drops().at("sip_malformed") == 1);
  co_await a.stop();
  co_await b.stop();
}

struct closed_door final : sip::doorkeeper {
  void waited(core::duration wait) override { longest = std::max(longest, wait); }
  entry enter(std::string_view text, const sip::source&, bool, core::duration) override {
    return text.starts_with("OPTIONS") ? entry::refused : text.starts_with("ACK") ? entry::dropped : entry::admitted;
  }
  std::string refusal_of(std::string_view request) override { return sip::unavailable_to(request, "busy", 5); }
  void leaving(std::string&, const identity::node_id&) override {}
  core::duration longest = core::duration::min();
};

core::awaitable<void> at_the_door(core::environment& env, sip::protocol by) {
  const std::uint8_t net = by == sip::protocol::udp ? 31 : 32;
  closed_door door;
  node a(env, net, 1), b(env, net, 2);
  b.layer->keep_door(&door);
  const std::string via(sip::name_of(by));
  CHECK(send(a, b.to(by), request(via)));
  auto ack = request(via);
  ack.replace(ack.find("OPTIONS"), 7, "ACK");
  CHECK(send(a, b.to(by), ack));
  auto info = request(via);
  info.replace(info.find("OPTIONS"), 7, "INFO");
  CHECK(send(a, b.to(by), info));
  CHECK((co_await b.next()).text.starts_with("INFO"));
  CHECK((co_await a.next()).text.starts_with("SIP/2.0 503"));
  if (by == sip::protocol::udp) {
    CHECK(door.longest >= 0ms);
    CHECK(door.longest < 5s);
  }
  co_await a.stop();
  co_await b.stop();
}

core::awaitable<void> flooded(core::environment& env) {
  sip::transport_options o;
  o.rates.strangers_messages_per_second = 10;
  node n(env, 30, 1, {}, o);
  const auto arrives = [&](unsigned from, std::string text) {
    n.arrive({asio::ip::make_address("127.40.30." + std::to_string(from)), 5060}, text);
  };
  const auto dropped = [&] { return n.metrics.drops().at("sip_strangers_rate"); };
  for (unsigned i = 0; i < 12; ++i) arrives(100 + i, request("UDP"));
  CHECK(dropped() == 10);
  for (unsigned i = 0; i < 3; ++i) arrives(100 + i, "SIP/2.0 200 OK\r\n\r\n");  // of their own measure
  CHECK(dropped() == 11);
  sip::source phone;
  phone.remote = {asio::ip::make_address("127.40.30.200"), 5060};
  n.layer->prove(phone);
  for (unsigned i = 0; i < 20; ++i) arrives(200, request("UDP"));
  CHECK(dropped() == 11);
  co_await n.stop();
}

core::awaitable<void> by_stream(core::environment& env, sip::protocol p, std::uint8_t net) {
  const auto web = identity::make_web_certificate({"b.example"}, env.wall_now(), 1h);
  sip::transport_options o;
  o.tls.anchors_pem = {web.certificate_pem};
  node a(env, net, 1, {}, o), b(env, net, 2, {web.certificate_pem, web.key_pem});
  auto to = b.to(p);
  if (p == sip::protocol::tls) to.server_name = "b.example";
  CHECK(send(a, to, request(name_of(p))));
  CHECK(send(a, to, request(name_of(p), 5000)));
  const auto first = co_await b.next();
  const auto second = co_await b.next();
  CHECK(first.from.by == p);
  CHECK(first.from.flow != sip::flow_id::none);
  CHECK(second.from.flow == first.from.flow);
  CHECK(b.layer->alive(first.from.flow));

  // The answer takes the flow, and comes by the one that carried the request.
  sip::destination back;
  back.by = p;
  back.at = {a.address, 1};
  back.flow = first.from.flow;
  back.flow_only = true;
  CHECK(send(b, back, request(name_of(p))));
  const auto answer = co_await a.next();
  CHECK(a.layer->alive(answer.from.flow));

  co_await a.stop();
  const auto closed = co_await b.closed.receive(env.now() + 5s);
  CHECK(closed.value() == first.from.flow);
  CHECK_FALSE(b.layer->alive(first.from.flow));
  CHECK(send(b, back, request(name_of(p))).error() == sip::errc::unreachable);
  co_await b.stop();
}

core::awaitable<void> between_nodes(core::environment& env) {
  const testing::sip_authority authority;
  node a(env, 10, 1, {}, {}, &authority), b(env, 10, 2, {}, {}, &authority);
  auto to_b = b.to(sip::protocol::tls);
  to_b.node = testing::sip_authority::id_of(2);
  CHECK(send(a, to_b, request("TLS")));
  const auto got = co_await b.next();
  REQUIRE(got.from.peer);
  CHECK(got.from.peer->node() == testing::sip_authority::id_of(1));
  CHECK(got.from.peer->has_authority("example.com"));
  // The other way over the same connection, wherever it says to dial.
  sip::destination to_a;
  to_a.by = sip::protocol::tls;
  to_a.at = {asio::ip::make_address("127.40.10.99"), 1};
  to_a.node = testing::sip_authority::id_of(1);
  CHECK(send(b, to_a, request("TLS")));
  const auto back = co_await a.next();
  REQUIRE(back.from.peer);
  CHECK(back.from.peer->node() == testing::sip_authority::id_of(2));
  CHECK(send(a, to_b, request("TLS")));
  const auto again = co_await b.next();
  CHECK(again.from.flow == got.from.flow);
  // Whoever else answers there gets nothing.
  auto to_another = to_b;
  to_another.node = testing::sip_authority::id_of(3);
  CHECK(send(a, to_another, request("TLS"), 21));
  const auto failed = co_await a.failures.receive(env.now() + 5s);
  CHECK(failed.value() == 21);
  // Who has no certificate of the overlay speaks to no supernode so.
  node stranger(env, 10, 4, {}, {});
  CHECK(send(stranger, to_b, request("TLS"), 22).error() == sip::errc::unreachable);
  CHECK(b.messages.empty());
  co_await a.stop();
  co_await b.stop();
  co_await stranger.stop();
}

core::awaitable<void> wrong_name(core::environment& env) {
  const auto web = identity::make_web_certificate({"b.example"}, env.wall_now(), 1h);
  sip::transport_options o;
  o.tls.anchors_pem = {web.certificate_pem};
  node a(env, 3, 1, {}, o), b(env, 3, 2, {web.certificate_pem, web.key_pem});
  auto to = b.to(sip::protocol::tls);
  to.server_name = "other.example";
  CHECK(send(a, to, request("TLS"), 11));
  const auto failed = co_await a.failures.receive(env.now() + 5s);
  CHECK(failed.value() == 11);
  CHECK(b.messages.empty());
  co_await a.stop();
  co_await b.stop();
}

core::awaitable<void> nobody_listens(core::environment& env) {
  node a(env, 4, 1);
  sip::destination to;
  to.by = sip::protocol::tcp;
  to.at = {asio::ip::make_address("127.40.4.9"), 25060};
  CHECK(send(a, to, request("TCP"), 12));
  CHECK(send(a, to, request("TCP"), 13));
  const auto first = co_await a.failures.receive(env.now() + 5s);
  CHECK(first.value() == 12);
  const auto second = co_await a.failures.receive(env.now() + 5s);
  CHECK(second.value() == 13);
  co_await a.stop();
}

core::awaitable<std::string> read_some(core::environment& env, transport::stream& s) {
  std::array<std::uint8_t, 512> buffer{};
  const auto n = co_await s.read(buffer, env.now() + 5s);
  if (!n) co_return n.error().code().message();
  co_return std::string(core::as_text(core::byte_view(buffer.data(), *n)));
}

// Opens a stream to `to`, writes `text`, and returns what comes back first.
core::awaitable<std::string> say(core::environment& env, node& by, node& to, std::string text) {
  const auto there = to.to(sip::protocol::tcp).at;
  auto s = co_await by.host->open_tcp(there, env.now() + 5s);
  REQUIRE(s.has_value());
  const auto written = co_await (*s)->write(core::as_bytes(text), env.now() + 5s);
  CHECK(written.has_value());
  const auto heard = co_await read_some(env, **s);
  co_return heard;
}

core::awaitable<void> keep_alives_and_limits(core::environment& env) {
  sip::transport_options o;
  o.message_timeout = 200ms;
  node a(env, 5, 1), b(env, 5, 2, {}, o);
  const auto pong = co_await say(env, a, b, request("TCP") + "\r\n\r\n");
  CHECK(pong == "\r\n");
  const auto broken = co_await say(env, a, b, "OPTIONS sip:a SIP/2.0\r\nVia: x\r\n\r\n");
  CHECK(broken.find("closed") != std::string::npos);
  CHECK(b.metrics.drops().at("sip_stream_broken") == 1);
  // Half a message and then nothing: the stream is closed after message_timeout, long before it would idle.
  const auto stuck = co_await say(env, a, b, request("TCP") + "OPTIONS sip:a SIP/2.0\r\n");
  CHECK(stuck.find("closed") != std::string::npos);
  CHECK(b.messages.size() == 2);
  co_await a.stop();
  co_await b.stop();
}

core::awaitable<void> idle_streams(core::environment& env) {
  sip::transport_options o;
  o.idle_timeout = 200ms;
  node a(env, 6, 1, {}, o), b(env, 6, 2);
  CHECK(send(a, b.to(sip::protocol::tcp), request("TCP")));
  const auto got = co_await b.next();
  const auto closed = co_await b.closed.receive(env.now() + 5s);
  CHECK(closed.value() == got.from.flow);
  co_await a.stop();
  co_await b.stop();
}

// The next frame from the server.
core::awaitable<testing::server_frame> next_frame(core::environment& env, transport::stream& s, core::bytes& buffer) {
  auto frame = testing::take_frame(buffer);
  while (!frame) {
    std::array<std::uint8_t, 2048> chunk{};
    const auto n = co_await s.read(chunk, env.now() + 5s);
    REQUIRE(n.has_value());
    core::append(buffer, core::byte_view(chunk).first(*n));
    frame = testing::take_frame(buffer);
  }
  co_return std::move(*frame);
}

core::awaitable<void> say_frame(core::environment& env, transport::stream& s, std::string text) {
  const auto frame = testing::client_frame(testing::text_frame, text);
  const auto written = co_await s.write(frame, env.now() + 5s);
  REQUIRE(written);
}

core::awaitable<void> by_websocket(core::environment& env, bool secure, std::uint8_t net) {
  const auto web = identity::make_web_certificate({"b.example"}, env.wall_now(), 1h);
  node a(env, net, 1), b(env, net, 2, {web.certificate_pem, web.key_pem});
  core::result<std::unique_ptr<transport::stream>> s = core::fail(core::errc::invalid);
  transport::tls_client_options tls;
  tls.verify = false;
  const auto there = b.to(sip::protocol::tcp).at;
  if (secure) s = co_await a.host->open_tls(there, tls, env.now() + 5s);
  if (!secure) s = co_await a.host->open_tcp(there, env.now() + 5s);
  REQUIRE(s.has_value());
  const auto opening = testing::websocket_request();
  const auto asked = co_await (*s)->write(core::as_bytes(opening), env.now() + 5s);
  REQUIRE(asked);
  core::bytes buffer;
  std::string head = co_await read_some(env, **s);
  CHECK(head.starts_with("HTTP/1.1 101 "));

  const auto first = request(secure ? "WSS" : "WS");
  co_await say_frame(env, **s, first);
  const auto got = co_await b.next();
  CHECK(got.from.by == (secure ? sip::protocol::wss : sip::protocol::ws));
  CHECK(b.layer->alive(got.from.flow));
  CHECK(b.metrics.text().find(secure ? "{transport=\"wss\"} 1" : "{transport=\"ws\"} 1") != std::string::npos);
  // A message goes back over the flow, whole in one frame; a keep-alive is answered in one.
  sip::destination back;
  back.by = got.from.by;
  back.flow = got.from.flow;
  back.flow_only = true;
  CHECK(send(b, back, request("WS", 3000)));
  const auto answer = co_await next_frame(env, **s, buffer);
  CHECK(answer.payload == request("WS", 3000));
  co_await say_frame(env, **s, "\r\n\r\n");
  const auto pong = co_await next_frame(env, **s, buffer);
  CHECK(pong.payload == "\r\n");

  (*s)->close();
  const auto closed = co_await b.closed.receive(env.now() + 5s);
  CHECK(closed.value() == got.from.flow);
  back.flow_only = false;  // there is no other way to a browser
  back.at = got.from.remote;
  CHECK(send(b, back, request("WS")).error() == sip::errc::unreachable);
  co_await a.stop();
  co_await b.stop();
}

// So many messages at once on one connection of that sort: none is lost, and they come no faster than their source may send.
core::awaitable<void> paced(core::environment& env, sip::protocol p, std::uint8_t net) {
  constexpr int messages = 25;
  const auto web = identity::make_web_certificate({"b.example"}, env.wall_now(), 1h);
  node a(env, net, 1), b(env, net, 2, {web.certificate_pem, web.key_pem});
  core::source_limit limit({.per_second = 100, .burst = 5}, {.first = 1, .second = 2});
  unsigned waited = 0;  // how often, the machine's pace says
  b.layer->pace_streams([&](const sip::source& from) {
    const auto wait = limit.pace(from.remote.address, env.now());
    waited += wait > 0s ? 1 : 0;
    return wait;
  });
  core::result<std::unique_ptr<transport::stream>> s = core::fail(core::errc::invalid);
  transport::tls_client_options tls;
  tls.verify = false;
  if (sip::secure(p)) s = co_await a.host->open_tls(b.to(sip::protocol::tls).at, tls, env.now() + 5s);
  if (!sip::secure(p)) s = co_await a.host->open_tcp(b.to(sip::protocol::tcp).at, env.now() + 5s);
  REQUIRE(s.has_value());
  if (sip::over_websocket(p)) {
    const auto opening = testing::websocket_request();
    const auto asked = co_await (*s)->write(core::as_bytes(opening), env.now() + 5s);
    REQUIRE(asked);
    const auto head = co_await read_some(env, **s);
    CHECK(head.starts_with("HTTP/1.1 101 "));
  }
  core::bytes all;
  for (int i = 0; i < messages; ++i) {
    const auto one = request(name_of(p));
    if (sip::over_websocket(p)) core::append(all, testing::client_frame(testing::text_frame, one));
    if (!sip::over_websocket(p)) core::append(all, core::as_bytes(one));
  }
  const auto began = env.now();
  const auto written = co_await (*s)->write(all, env.now() + 5s);
  REQUIRE(written);
  for (int i = 0; i < messages; ++i) {
    const auto got = co_await b.next();
    CHECK(got.from.by == p);
  }
  CHECK(env.now() - began >= 180ms);  // twenty beyond the burst, less the one that is not waited for
  CHECK(waited > 0);
  CHECK(b.metrics.text().find("phyllo_sip_paced_total " + std::to_string(waited) + "\n") != std::string::npos);
  co_await a.stop();
  co_await b.stop();
}

core::awaitable<std::string> read_until_closed(core::environment& env, transport::stream& s) {
  std::string out;
  std::array<std::uint8_t, 4096> buffer{};
  while (true) {  // ends with the stream, or after five seconds
    const auto n = co_await s.read(buffer, env.now() + 5s);
    if (!n) {
      CHECK(n.error() == transport::errc::closed);
      co_return out;
    }
    out += core::as_text(core::byte_view(buffer).first(*n));
  }
}

sip::destination by_flow(const arrival& a) {
  sip::destination d;
  d.by = a.from.by;
  d.flow = a.from.flow;
  d.flow_only = true;
  return d;
}

// A client that has said all, by TCP's half-close: nc, scripts, some SIP stacks.
core::awaitable<void> half_closed(core::environment& env) {
  node b(env, 11, 2);
  asio::ip::tcp::socket s(env.get_executor());
  s.connect({b.address, node::sip_port});
  asio::write(s, asio::buffer(request("TCP")));
  s.shutdown(asio::ip::tcp::socket::shutdown_send);
  const auto got = co_await b.next();
  const auto closed = co_await b.closed.receive(env.now() + 5s);
  CHECK(closed.value() == got.from.flow);
  CHECK_FALSE(b.layer->alive(got.from.flow));
  CHECK(send(b, by_flow(got), request("TCP")).error() == sip::errc::unreachable);
  const std::string trying = "SIP/2.0 100 Trying\r\n\r\n";
  const std::string answer = "SIP/2.0 200 OK\r\n\r\n";
  CHECK(send(b, by_flow(got), trying));
  co_await core::sleep_for(env, 100ms);
  CHECK(send(b, by_flow(got), answer));
  std::string heard(200, ' ');
  asio::error_code ec;
  const auto n = co_await asio::async_read(s, asio::buffer(heard), asio::redirect_error(asio::use_awaitable, ec));
  heard.resize(n);
  CHECK(heard == trying + answer);
  CHECK(ec == asio::error::eof);
  co_await b.stop();
}

core::awaitable<void> answered_before_noise(core::environment& env) {
  node a(env, 12, 1), b(env, 12, 2);
  auto s = co_await a.host->open_tcp(b.to(sip::protocol::tcp).at, env.now() + 3s);
  REQUIRE(s.has_value());
  const auto said = co_await (*s)->write(core::as_bytes(request("TCP") + "noise without end\r\n\r\n"), env.now() + 3s);
  REQUIRE(said);
  const auto got = co_await b.next();
  co_await core::sleep_for(env, 50ms);
  CHECK(send(b, by_flow(got), "SIP/2.0 200 OK\r\n\r\n"));
  const auto heard = co_await read_until_closed(env, **s);
  CHECK(heard == "SIP/2.0 200 OK\r\n\r\n");
  co_await a.stop();
  co_await b.stop();
}

core::awaitable<void> too_large(core::environment& env, std::string more) {
  node a(env, 13, 1), b(env, 13, 2);
  auto s = co_await a.host->open_tcp(b.to(sip::protocol::tcp).at, env.now() + 3s);
  REQUIRE(s.has_value());
  auto text = request("TCP");
  const auto length = text.find("Content-Length: 0\r\n");
  REQUIRE(length != std::string::npos);
  text.replace(length, 19, more);
  const auto said = co_await (*s)->write(core::as_bytes(text), env.now() + 3s);
  REQUIRE(said);
  const auto heard = co_await read_until_closed(env, **s);
  CHECK(heard.starts_with("SIP/2.0 513 "));
  CHECK(heard.find("z9hG4bKtest") != std::string::npos);
  CHECK(b.metrics.drops().at("sip_too_large") == 1);
  co_await a.stop();
  co_await b.stop();
}

core::awaitable<void> bounds(core::environment& env) {
  sip::transport_options o;
  o.streams_max = 1;
  o.write_queue_bytes_max = 100'000;
  node a(env, 7, 1, {}, o), b(env, 7, 2);
  b.keep_streams_raw = true;  // and nobody reads
  const auto text = request("TCP", 20'000);
  core::status sent;
  for (int i = 0; i < 6 && sent; ++i) sent = send(a, b.to(sip::protocol::tcp), text, 0);
  CHECK(sent.error() == sip::errc::overloaded);
  CHECK(a.metrics.drops().at("sip_write_queue_full") == 1);
  auto elsewhere = b.to(sip::protocol::tcp);
  elsewhere.at.port = 1;
  CHECK(send(a, elsewhere, text).error() == sip::errc::overloaded);
  co_await a.stop();
  CHECK(send(a, b.to(sip::protocol::udp), request("UDP")).error() == sip::errc::closed);
  co_await b.stop();
}

}  // namespace

TEST_CASE("who ends his side of a connection still hears his answers, and nothing new") {
  testing::real_world world;
  world.run(half_closed(*world.env));
}

TEST_CASE("a good request is answered, whatever noise comes behind it on its stream") {
  testing::real_world world;
  world.run(answered_before_noise(*world.env));
}

TEST_CASE("a request that is too large for a stream is answered by 513, whatever part of it is") {
  testing::real_world world;
  SUBCASE("its header") { world.run(too_large(*world.env, "X: " + std::string(20'000, 'x') + "\r\nContent-Length: 0\r\n")); }
  SUBCASE("the lines of its header") {
    std::string lines;
    for (int i = 0; i < 3'000; ++i) lines += "X: y\r\n";
    world.run(too_large(*world.env, lines));
  }
  SUBCASE("its body") { world.run(too_large(*world.env, "Content-Length: 70000\r\n")); }
}

TEST_CASE("a datagram arrives with where it came from, and noise is counted") {
  testing::real_world world;
  world.run(by_udp(*world.env));
}

TEST_CASE("a flood from ever new addresses is dropped before it is read, and who has proved himself is heard") {
  testing::real_world world;
  world.run(flooded(*world.env));
}

TEST_CASE("what the doorkeeper refuses is answered and read by nobody, by UDP and over connections") {
  for (const auto by : {sip::protocol::udp, sip::protocol::tcp}) {
    testing::real_world w;
    w.run(at_the_door(*w.env, by));
  }
}

TEST_CASE("a TCP connection is opened once, carries answers back, and its end is told") {
  testing::real_world world;
  world.run(by_stream(*world.env, sip::protocol::tcp, 1));
}

TEST_CASE("a TLS connection whose certificate has the wanted name does the same") {
  testing::real_world world;
  world.run(by_stream(*world.env, sip::protocol::tls, 2));
}

TEST_CASE("a phone in a browser is heard and answered over its WebSocket, plain and secure") {
  testing::real_world world;
  world.run(by_websocket(*world.env, false, 8));
  world.run(by_websocket(*world.env, true, 9));
}

TEST_CASE("a stream whose source sends more than it may is read more slowly, and loses nothing") {
  testing::real_world world;
  std::uint8_t net = 40;
  for (const auto p : {sip::protocol::tcp, sip::protocol::tls, sip::protocol::ws, sip::protocol::wss}) {
    CAPTURE(name_of(p));
    world.run(paced(*world.env, p, net++));
  }
}

TEST_CASE("supernodes speak over one connection both ways, each knowing who the other is, and nobody else hears it") {
  testing::real_world world;
  world.run(between_nodes(*world.env));
}

TEST_CASE("a TLS connection to another name fails what was to be sent") {
  testing::real_world world;
  world.run(wrong_name(*world.env));
}

TEST_CASE("where nobody listens every queued message fails") {
  testing::real_world world;
  world.run(nobody_listens(*world.env));
}

TEST_CASE("a ping is answered, and a stream that breaks or stalls within a message is closed") {
  testing::real_world world;
  world.run(keep_alives_and_limits(*world.env));
}

TEST_CASE("a stream that idles is closed") {
  testing::real_world world;
  world.run(idle_streams(*world.env));
}

TEST_CASE("write queues and streams are bounded") {
  testing::real_world world;
  world.run(bounds(*world.env));
}

}  // namespace transport_layer_test
