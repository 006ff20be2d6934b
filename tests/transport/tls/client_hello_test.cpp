#include "transport/tls/client_hello.hpp"

#include <doctest.h>

#include "tls_ends.hpp"

namespace client_hello_test {

using namespace phyllo;

namespace {

// As our own TLS clients say it, in one record.
core::bytes hello_of(std::string alpn) {
  testing::world_of_two w;
  const testing::tls_side side(w.env, w.o, w.o.credential(1));
  transport::tls_engine::overlay_client options;
  options.alpn = std::move(alpn);
  transport::tls_engine engine(side.context, options);
  static_cast<void>(engine.handshake());
  core::bytes out;
  for (const auto& b : engine.take_output()) core::append(out, b);
  return out;
}

// A web client's, made by hand: `extensions` with their outer length.
core::bytes plain_hello(core::bytes extensions) {
  core::bytes body{3, 3};
  body.resize(34);
  core::append(body, core::bytes{0, 0, 2, 0x13, 0x01, 1, 0});
  core::append(body, extensions);
  core::bytes out{22, 3, 1, 0, static_cast<std::uint8_t>(body.size() + 4), 1, 0, 0, static_cast<std::uint8_t>(body.size())};
  core::append(out, body);
  return out;
}

}  // namespace

TEST_CASE("a link is told by its ALPN") {
  CHECK(transport::asks_for_link(hello_of("phyllo-reload"), false));
  CHECK(transport::asks_for_link(hello_of("phyllo-reload-move"), false));
  CHECK_FALSE(transport::asks_for_link(hello_of("phyllo-sip"), true));
}

TEST_CASE("who has no ALPN wants a link only where that is the rule") {
  const auto none = plain_hello({0, 0});
  CHECK(transport::asks_for_link(none, true));
  CHECK_FALSE(transport::asks_for_link(none, false));
  const auto http = plain_hello({0, 15, 0, 16, 0, 11, 0, 9, 8, 'h', 't', 't', 'p', '/', '1', '.', '1'});
  CHECK_FALSE(transport::asks_for_link(http, true));
}

TEST_CASE("what is no whole ClientHello asks for nothing, and no octet beyond its end is read") {
  const auto hello = hello_of("phyllo-reload");
  for (std::size_t n = 0; n < hello.size(); ++n) {
    const core::bytes part(hello.begin(), hello.begin() + static_cast<std::ptrdiff_t>(n));
    CHECK_FALSE(transport::asks_for_link(part, true));
  }
  auto other = hello;
  other[5] = 2;  // ServerHello
  CHECK_FALSE(transport::asks_for_link(other, true));
}

}  // namespace client_hello_test
