// In-memory handshakes: what each side shows, whom it believes, and what it says when it does not.
#include "transport/tls_engine.hpp"

#include <doctest.h>

#include "phyllo/transport/errc.hpp"
#include "small_overlay.hpp"
#include "support/run.hpp"

using namespace phyllo;
using transport::tls_engine;

namespace {

struct ends {
  core::status client;
  core::status server;
};

void carry(tls_engine& from, tls_engine& to) {
  for (const auto& bytes : from.take_output()) to.feed(bytes);
}

// Until nothing moves any more; an end that failed stays failed.
ends shake(tls_engine& client, tls_engine& server) {
  ends out;
  for (int turn = 0; turn < 20; ++turn) {
    if (out.client) out.client = client.handshake();
    carry(client, server);
    if (out.server) out.server = server.handshake();
    if (!client.has_output() && !server.has_output()) break;
    carry(server, client);
  }
  return out;
}

struct side {
  side(core::environment& env, const testing::small_overlay& o, std::shared_ptr<const identity::credential> c) : context(env, &o.trust) {
    context.set_credential(std::move(c));
  }
  transport::tls_context context;
};

core::result<std::string> pass(tls_engine& from, tls_engine& to, std::string_view text) {
  if (auto w = from.write(core::as_bytes(text)); !w) return core::fail(w.error());
  carry(from, to);
  std::array<std::uint8_t, 1024> buffer{};
  const auto n = to.read(buffer);
  if (!n) return core::fail(n.error());
  return std::string(core::as_text(core::byte_view(buffer).first(*n)));
}

}  // namespace

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
