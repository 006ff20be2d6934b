// In-memory handshakes: what each side shows, whom it believes, and what it says when it does not.
#include "transport/tls/tls_engine.hpp"

#include <doctest.h>

#include "phyllo/transport/errc.hpp"
#include "tls/tls_ends.hpp"

namespace tls_engine_test {

using namespace phyllo;
using testing::carry;
using testing::pass;
using testing::shake;
using testing::tls_ends;
using testing::world_of_two;
using side = testing::tls_side;
using transport::tls_engine;

TEST_CASE("two nodes authenticate each other by Ed25519 over TLS and over DTLS") {
  for (const bool datagrams : {false, true}) {
    testing::real_world world;
    const testing::small_overlay o;
    side a(*world.env, o, o.credential(1));
    side b(*world.env, o, o.credential(2));
    tls_engine client(a.context, tls_engine::overlay_client{datagrams, "phyllo-reload", testing::numbered(2)});
    tls_engine server(b.context, tls_engine::server{datagrams, false});
    const auto how = shake(client, server);
    REQUIRE_MESSAGE(how.client.has_value(), (how.client ? "" : how.client.error().message()));
    REQUIRE_MESSAGE(how.server.has_value(), (how.server ? "" : how.server.error().message()));
    CHECK(client.established());
    CHECK(server.established());
    CHECK(client.version() == (datagrams ? "DTLSv1.2" : "TLSv1.3"));
    CHECK(client.peer()->node() == testing::numbered(2));
    CHECK(server.peer()->node() == testing::numbered(1));
    CHECK(server.alpn() == "phyllo-reload");
    CHECK(server.server_name() == "ring.example.com");
    CHECK(pass(client, server, "hello").value() == "hello");
    CHECK(pass(server, client, "and you").value() == "and you");
    client.shutdown();
    carry(client, server);
    std::array<std::uint8_t, 16> buffer{};
    CHECK(server.read(buffer).error() == transport::errc::closed);
  }
}

TEST_CASE("a client refuses a server of another Node-ID, or one it does not trust") {
  for (const bool datagrams : {false, true}) {
    world_of_two w;
    side a(w.env, w.o, w.o.credential(1));
    side b(w.env, w.o, w.o.credential(2));
    tls_engine client(a.context, tls_engine::overlay_client{datagrams, "phyllo-reload", testing::numbered(3)});
    tls_engine server(b.context, tls_engine::server{datagrams, false});
    CHECK(shake(client, server).client.error() == transport::errc::wrong_peer);

    const testing::small_overlay foreign;
    side c(w.env, foreign, foreign.credential(2));
    tls_engine again(a.context, tls_engine::overlay_client{datagrams, "phyllo-reload", testing::numbered(2)});
    tls_engine stranger(c.context, tls_engine::server{datagrams, false});
    CHECK(shake(again, stranger).client.error() == transport::errc::certificate_rejected);
  }
}

namespace {

// A link's two engines, once more between the same two contexts; the client's words make it read what came with them.
struct again {
  again(side& a, side& b, bool datagrams)
      : client(a.context, tls_engine::overlay_client{datagrams, "phyllo-reload", testing::numbered(2)}),
        server(b.context, tls_engine::server{datagrams, false}),
        how(shake(client, server)) {
    if (how.client && how.server) said = pass(server, client, "hello").value_or("");
  }
  tls_engine client;
  tls_engine server;
  tls_ends how;
  std::string said;
};

}  // namespace

TEST_CASE("a session is resumed, both ends know each other as before, and trust is asked anew") {
  for (const bool datagrams : {false, true}) {
    testing::real_world world;
    testing::small_overlay o;
    side a(*world.env, o, o.credential(1));
    side b(*world.env, o, o.credential(2));
    const again first(a, b, datagrams);
    REQUIRE(first.said == "hello");
    CHECK_FALSE(first.client.resumed());
    CHECK(a.context.sessions()->size() == 1);
    CHECK(b.context.sessions()->size() == 0);
    const again second(a, b, datagrams);
    REQUIRE(second.said == "hello");
    CHECK(second.client.resumed());
    CHECK(second.server.resumed());
    CHECK(second.client.peer()->node() == testing::numbered(2));
    CHECK(second.server.peer()->node() == testing::numbered(1));
    CHECK(second.client.export_token() == second.server.export_token());
    CHECK(second.client.export_token() != first.client.export_token());
    REQUIRE(o.trust.update({o.ca.certificate_der()}, {testing::numbered(1)}));
    const again revoked(a, b, datagrams);
    CHECK(revoked.how.server.error() == transport::errc::certificate_rejected);
    REQUIRE(o.trust.update({o.ca.certificate_der()}, {testing::numbered(2)}));
    const again untrusted(a, b, datagrams);
    CHECK_FALSE(untrusted.how.client);
  }
}

TEST_CASE("a renewed certificate ends the sessions of the old one, and another peer's session is none") {
  testing::real_world world;
  testing::small_overlay o;
  side a(*world.env, o, o.credential(1));
  side b(*world.env, o, o.credential(2));
  const again first(a, b, false);
  CHECK(a.context.sessions()->size() == 1);
  CHECK(a.context.sessions()->take(testing::numbered(3), false) == nullptr);
  CHECK(a.context.sessions()->take(testing::numbered(2), true) == nullptr);
  a.context.set_credential(o.credential(1));
  CHECK(a.context.sessions()->size() == 0);
  const again second(a, b, false);
  CHECK(second.said == "hello");
  CHECK_FALSE(second.client.resumed());
}

TEST_CASE("a web client refuses a name that is not the certificate's, and an anchor that is not its issuer's") {
  world_of_two w;
  side b(w.env, w.o, w.o.credential(2));
  const auto web = testing::make_web_certificate({"www.example.com", "127.0.0.1"});
  const auto other = testing::make_web_certificate({"www.example.com"});
  REQUIRE(b.context.set_web(web));
  const transport::tls_context plain(w.env, nullptr);
  const auto verdict = [&](const std::string& name, const std::string& anchor, const std::string& address) {
    const auto client = tls_engine::make_web_client(plain, {name, {}, {}, {anchor}, true}, address).value();
    tls_engine server(b.context, tls_engine::server{false, false});
    return shake(*client, server).client;
  };
  CHECK(verdict("www.example.com", web.chain_pem, "").has_value());
  CHECK(verdict("", web.chain_pem, "127.0.0.1").has_value());
  CHECK(verdict("evil.example.com", web.chain_pem, "").error() == transport::errc::certificate_rejected);
  CHECK(verdict("", web.chain_pem, "127.0.0.2").error() == transport::errc::certificate_rejected);
  CHECK(verdict("www.example.com", other.chain_pem, "").error() == transport::errc::certificate_rejected);
}

TEST_CASE("certificates are replaced under way, and what is broken replaces nothing") {
  world_of_two w;
  side b(w.env, w.o, w.o.credential(2));
  const auto web = testing::make_web_certificate({"www.example.com"});
  REQUIRE(b.context.set_web(web));
  const auto other = testing::make_web_certificate({"www.example.com"});
  CHECK(b.context.set_web({web.chain_pem, other.key_pem}).error() == transport::errc::malformed);
  CHECK(b.context.set_web({"", web.key_pem}).error() == transport::errc::malformed);
  CHECK(b.context.web() != nullptr);
  REQUIRE(b.context.set_web(other));
}

TEST_CASE("noise instead of a handshake is an error, not a crash") {
  world_of_two w;
  side b(w.env, w.o, w.o.credential(2));
  tls_engine stream(b.context, tls_engine::server{false, false});
  stream.feed(core::as_bytes("this is not TLS at all, whatever it may be"));
  CHECK(stream.handshake().error() == transport::errc::handshake_failed);
  tls_engine datagrams(b.context, tls_engine::server{true, false});
  datagrams.feed(core::as_bytes("nor is it DTLS"));
  CHECK(datagrams.handshake().has_value());  // RFC 6347 s.4.1.2.7: invalid records are silently discarded
}

namespace {

thread_local timeval dtls_time{1000, 0};
void tell_time(const SSL*, timeval* out) { *out = dtls_time; }

void pass_time(core::duration d) {
  const auto micros = dtls_time.tv_usec + std::chrono::duration_cast<std::chrono::microseconds>(d).count();
  dtls_time.tv_sec += micros / 1000000;
  dtls_time.tv_usec = micros % 1000000;
}

}  // namespace

TEST_CASE("a DTLS handshake survives the loss of every third datagram, and none of its datagrams is too large") {
  for (std::size_t phase = 0; phase < 3; ++phase) {
    CAPTURE(phase);
    world_of_two w;
    transport::tls_context a(w.env, &w.o.trust, tell_time);
    transport::tls_context b(w.env, &w.o.trust, tell_time);
    a.set_credential(w.o.credential(1));
    b.set_credential(w.o.credential(2));
    tls_engine client(a, tls_engine::overlay_client{true, "phyllo-reload", std::nullopt});
    tls_engine server(b, tls_engine::server{true, false});
    std::size_t sent = phase;
    const auto lossy = [&](tls_engine& from, tls_engine& to) {
      for (const auto& d : from.take_output()) {
        CHECK(d.size() <= transport::datagram_bytes_max);
        if (++sent % 3 != 0) to.feed(d);
      }
    };
    for (int turn = 0; turn < 60 && !(client.established() && server.established()); ++turn) {
      REQUIRE(client.handshake());
      lossy(client, server);
      REQUIRE(server.handshake());
      std::array<std::uint8_t, 64> none{};
      if (server.established()) REQUIRE(server.read(none).value() == 0);  // a repeated flight is answered from here
      lossy(server, client);
      if (client.has_output() || server.has_output()) continue;
      pass_time(std::min(client.timeout().value_or(std::chrono::seconds(1)), server.timeout().value_or(std::chrono::seconds(1))));
      REQUIRE(client.on_timeout());
      REQUIRE(server.on_timeout());
    }
    CHECK(client.established());
    CHECK(server.established());
  }
}

TEST_CASE("a DTLS handshake with nobody ends by itself") {
  world_of_two w;
  transport::tls_context a(w.env, &w.o.trust, tell_time);
  a.set_credential(w.o.credential(1));
  tls_engine client(a, tls_engine::overlay_client{true, "phyllo-reload", std::nullopt});
  REQUIRE(client.handshake());
  int retransmissions = 0;
  core::status alive;
  while (alive && retransmissions < 100) {
    REQUIRE(client.timeout().has_value());
    pass_time(*client.timeout());
    alive = client.on_timeout();
    ++retransmissions;
  }
  CHECK(alive.error() == transport::errc::timed_out);
  CHECK(retransmissions < 20);
}

TEST_CASE("a DTLS record holds 16384 bytes and no more") {
  world_of_two w;
  side a(w.env, w.o, w.o.credential(1));
  side b(w.env, w.o, w.o.credential(2));
  tls_engine client(a.context, tls_engine::overlay_client{true, "phyllo-reload", std::nullopt});
  tls_engine server(b.context, tls_engine::server{true, false});
  const auto how = shake(client, server);
  REQUIRE(how.client);
  REQUIRE(how.server);
  CHECK(client.write(core::bytes(16384)).has_value());
  CHECK(client.write(core::bytes(16385)).error() == transport::errc::too_large);
}

}  // namespace tls_engine_test
