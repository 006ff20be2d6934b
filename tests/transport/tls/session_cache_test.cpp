#include "transport/tls/session_cache.hpp"

#include <doctest.h>

#include "small_overlay.hpp"

namespace session_cache_test {

using namespace phyllo;
using testing::numbered;

namespace {

const bssl::UniquePtr<SSL_CTX> context(SSL_CTX_new(TLS_method()));

bssl::UniquePtr<SSL_SESSION> session(std::uint16_t version) {
  bssl::UniquePtr<SSL_SESSION> out(SSL_SESSION_new(context.get()));
  REQUIRE(SSL_SESSION_set_protocol_version(out.get(), version) == 1);
  return out;
}

identity::node_id peer(std::size_t n) {
  auto id = numbered(0);
  id.octets[0] = static_cast<std::uint8_t>(n >> 8);
  id.octets[1] = static_cast<std::uint8_t>(n);
  return id;
}

}  // namespace

TEST_CASE("a session is found by its peer and by whether it goes over datagrams") {
  transport::session_cache c;
  c.keep(numbered(1), true, session(TLS1_2_VERSION));
  CHECK(c.take(numbered(1), true) != nullptr);
  CHECK(c.take(numbered(1), false) == nullptr);
  CHECK(c.take(numbered(2), true) == nullptr);
  CHECK(c.size() == 1);
  c.clear();
  CHECK(c.take(numbered(1), true) == nullptr);
}

TEST_CASE("a session of TLS 1.3 is given away once, an older one as often as it is asked for (RFC 8446 C.4)") {
  transport::session_cache c;
  c.keep(numbered(1), false, session(TLS1_3_VERSION));
  c.keep(numbered(2), false, session(TLS1_2_VERSION));
  CHECK(c.take(numbered(1), false) != nullptr);
  CHECK(c.take(numbered(1), false) == nullptr);
  CHECK(c.take(numbered(2), false) != nullptr);
  CHECK(c.take(numbered(2), false) != nullptr);
}

TEST_CASE("of too many sessions the one kept longest ago goes, and one that is kept anew is young") {
  transport::session_cache c;
  for (std::size_t n = 0; n < transport::session_cache::sessions_max; ++n) c.keep(peer(n), false, session(TLS1_2_VERSION));
  c.keep(peer(0), false, session(TLS1_2_VERSION));
  c.keep(peer(transport::session_cache::sessions_max), false, session(TLS1_2_VERSION));
  CHECK(c.size() == transport::session_cache::sessions_max);
  CHECK(c.take(peer(0), false) != nullptr);
  CHECK(c.take(peer(1), false) == nullptr);
  CHECK(c.take(peer(2), false) != nullptr);
}

}  // namespace session_cache_test
