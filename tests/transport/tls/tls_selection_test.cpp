// Which identity a ClientHello gets, and whom an overlay believes, as handshakes in memory show it.
#include "transport/tls/tls_selection.hpp"

#include <doctest.h>

#include "phyllo/identity/errc.hpp"
#include "phyllo/transport/errc.hpp"
#include "tls/tls_ends.hpp"

namespace tls_selection_test {

using namespace phyllo;
using testing::pass;
using testing::shake;
using testing::world_of_two;
using side = testing::tls_side;
using transport::tls_engine;

namespace {

// Handshakes a client with `theirs` against a server that believes `o`, and gives what the server says.
core::error server_refuses(const testing::small_overlay& o, std::shared_ptr<const identity::credential> theirs, bool datagrams,
                           core::error* client_says = nullptr) {
  testing::real_world world;
  side a(*world.env, o, std::move(theirs));
  side b(*world.env, o, o.credential(2));
  tls_engine client(a.context, tls_engine::overlay_client{datagrams, "phyllo-reload", std::nullopt});
  tls_engine server(b.context, tls_engine::server{datagrams, false});
  const auto how = shake(client, server);
  REQUIRE_FALSE(how.server.has_value());
  if (client_says != nullptr) {
    std::array<std::uint8_t, 16> buffer{};
    const auto later = client.read(buffer);  // TLS 1.3 ends the client's handshake before the server has judged
    *client_says = how.client ? later.error() : how.client.error();
  }
  return how.server.error();
}

bool mentions(const core::error& e, std::string_view word) { return e.message().find(word) != std::string::npos; }

}  // namespace

TEST_CASE("certificates that are expired, foreign, revoked or of another overlay are each refused for that reason") {
  for (const bool datagrams : {false, true}) {
    CAPTURE(datagrams);
    testing::small_overlay o;
    const testing::small_overlay foreign;
    const auto expired = server_refuses(o, o.credential(1, "ring.example.com", -std::chrono::hours(1)), datagrams);
    CHECK(expired == transport::errc::certificate_rejected);
    CHECK(mentions(expired, identity::make_error_code(identity::errc::expired).message()));
    CHECK(
        mentions(server_refuses(o, foreign.credential(1), datagrams), identity::make_error_code(identity::errc::unknown_issuer).message()));
    CHECK(mentions(server_refuses(o, o.credential(1, "other.example.com"), datagrams),
                   identity::make_error_code(identity::errc::wrong_overlay).message()));
    REQUIRE(o.trust.update({o.ca.certificate_der()}, {testing::numbered(1)}));
    core::error client_says(transport::errc::closed);
    CHECK(mentions(server_refuses(o, o.credential(1), datagrams, &client_says),
                   identity::make_error_code(identity::errc::revoked).message()));
    CHECK(client_says == transport::errc::handshake_failed);
    CHECK(mentions(client_says, "revoked"));
  }
}

TEST_CASE("a web client gets the web certificate and is asked for none") {
  world_of_two w;
  side b(w.env, w.o, w.o.credential(2));
  const auto web = testing::make_web_certificate({"www.example.com"});
  REQUIRE(b.context.set_web(web));
  const transport::tls_context plain(w.env, nullptr);
  const auto client = tls_engine::make_web_client(plain, {"www.example.com", {"http/1.1"}, {}, {web.chain_pem}, true}, "127.0.0.1").value();
  tls_engine server(b.context, tls_engine::server{false, false});
  const auto how = shake(*client, server);
  REQUIRE_MESSAGE(how.client.has_value(), (how.client ? "" : how.client.error().message()));
  REQUIRE(how.server.has_value());
  CHECK_FALSE(server.overlay());
  CHECK_FALSE(server.peer().has_value());
  CHECK(server.alpn() == "http/1.1");
  CHECK(pass(*client, server, "GET").value() == "GET");
}

TEST_CASE("without ALPN the reload port shows the overlay certificate, any other the web certificate") {
  world_of_two w;
  side b(w.env, w.o, w.o.credential(2));
  const auto web = testing::make_web_certificate({"www.example.com"});
  REQUIRE(b.context.set_web(web));
  const transport::tls_context plain(w.env, nullptr);
  for (const bool reload_port : {false, true}) {
    const auto client = tls_engine::make_web_client(plain, {"ring.example.com", {}, {}, {}, false}, "").value();
    tls_engine server(b.context, tls_engine::server{false, reload_port});
    const auto how = shake(*client, server);
    CHECK(server.overlay() == reload_port);
    CHECK(how.server.has_value() == !reload_port);  // a web client has no overlay certificate to show
  }
}

TEST_CASE("a host without the identity that is asked for fails the handshake and nothing else") {
  world_of_two w;
  side a(w.env, w.o, w.o.credential(1));
  side bare(w.env, w.o, nullptr);
  tls_engine client(a.context, tls_engine::overlay_client{});
  tls_engine server(bare.context, tls_engine::server{false, false});
  CHECK(shake(client, server).server.error() == transport::errc::handshake_failed);
  tls_engine own(bare.context, tls_engine::overlay_client{});
  CHECK(own.handshake().error() == transport::errc::handshake_failed);
}

TEST_CASE("a name of another overlay is refused before any certificate is shown") {
  world_of_two w;
  const testing::small_overlay here;
  side b(w.env, here, here.credential(2));
  const transport::tls_context plain(w.env, nullptr);
  const auto client = tls_engine::make_web_client(plain, {"other.example.com", {"phyllo-reload"}, {}, {}, false}, "").value();
  tls_engine server(b.context, tls_engine::server{false, false});
  CHECK(mentions(shake(*client, server).server.error(), "other.example.com"));
}

TEST_CASE("of the names that a client offers the overlay's own come before the web's, and one that nobody here speaks is none") {
  world_of_two w;
  side b(w.env, w.o, w.o.credential(2));
  REQUIRE(b.context.set_web(testing::make_web_certificate({"www.example.com"})));
  const transport::tls_context plain(w.env, nullptr);
  const auto taken = [&](std::vector<std::string> offered) {
    const auto client = tls_engine::make_web_client(plain, {"ring.example.com", std::move(offered), {}, {}, false}, "").value();
    tls_engine server(b.context, tls_engine::server{false, false});
    static_cast<void>(shake(*client, server));
    return std::pair(server.overlay(), server.alpn());
  };
  CHECK(taken({"h2", "sip/2", "http/1.1"}) == std::pair(false, std::string("http/1.1")));
  CHECK(taken({"http/1.1", "stun.turn", "stun.nat-discovery"}) == std::pair(false, std::string("stun.turn")));
  CHECK(taken({"stun.turn"}) == std::pair(false, std::string("stun.turn")));
  CHECK(taken({"h2"}) == std::pair(false, std::string()));
  CHECK(taken({"http/1.1", "phyllo-reload"}).first);
}

TEST_CASE("a server that takes one name alone shows the overlay's certificate for it, and the web's for all others") {
  world_of_two w;
  side a(w.env, w.o, w.o.credential(1));
  side b(w.env, w.o, w.o.credential(2));
  const auto served = [&](const std::string& offered) {
    tls_engine client(a.context, tls_engine::overlay_client{true, offered, std::nullopt});
    tls_engine server(b.context, tls_engine::server{.datagrams = true, .alpn = "phyllo-test"});
    const auto how = shake(client, server);
    return how.client.has_value() && how.server.has_value() && server.alpn() == "phyllo-test";
  };
  CHECK(served("phyllo-test"));
  CHECK_FALSE(served("phyllo-reload"));
}

}  // namespace tls_selection_test
