#include "transport/tls/tls_context.hpp"

#include <doctest.h>

#include "phyllo/transport/errc.hpp"
#include "small_overlay.hpp"
#include "support/simulated_world.hpp"

namespace tls_context_test {

using namespace phyllo;

namespace {

bool told(const SSL_CTX* ctx) { return SSL_CTX_get_keylog_callback(ctx) != nullptr; }

}  // namespace

TEST_CASE("a web certificate that is none leaves the one in use") {
  testing::simulated_world world;
  transport::tls_context c(world.env(), nullptr);
  CHECK(c.web() == nullptr);
  REQUIRE(c.set_web(testing::make_web_certificate({"one.example.com"})));
  const auto one = c.web();
  REQUIRE(one != nullptr);
  CHECK(c.set_web({"noise", "noise"}).error() == transport::errc::malformed);
  CHECK(c.web() == one);
  REQUIRE(c.set_web(testing::make_web_certificate({"two.example.com"})));
  CHECK(c.web() != one);
}

TEST_CASE("sessions that were made with another credential go with it") {
  testing::simulated_world world;
  const testing::small_overlay o;
  transport::tls_context c(world.env(), &o.trust);
  c.set_credential(o.credential(1));
  CHECK(c.overlay() != nullptr);
  c.sessions()->keep(testing::numbered(2), false, bssl::UniquePtr<SSL_SESSION>(SSL_SESSION_new(c.native(false))));
  CHECK(c.sessions()->size() == 1);
  c.set_credential(o.credential(1));
  CHECK(c.sessions()->size() == 0);
  c.set_credential(nullptr);
  CHECK(c.overlay() == nullptr);
}

TEST_CASE("anchors are as many as the texts hold, and a text without one is refused") {
  const auto one = testing::make_web_certificate({"one.example.com"}).chain_pem;
  const auto two = testing::make_web_certificate({"two.example.com"}).chain_pem;
  const auto count = [](const std::vector<std::string>& pem) {
    const auto store = transport::make_anchor_store(pem);
    REQUIRE(store);
    return sk_X509_OBJECT_num(X509_STORE_get0_objects(store->get()));
  };
  CHECK(count({one}) == 1);
  CHECK(count({one + two}) == 2);
  CHECK(count({one, two}) == 2);
  CHECK(transport::make_anchor_store({one, "noise"}).error() == transport::errc::malformed);
  CHECK(transport::check_anchors({""}).error() == transport::errc::malformed);
  CHECK(transport::check_anchors({}));  // the system's
}

TEST_CASE("secrets are told to whoever asks for them, and to nobody afterwards") {
  testing::simulated_world world;
  transport::tls_context c(world.env(), nullptr);
  CHECK_FALSE(told(c.native(false)));
  c.log_keys([](std::string_view) {});
  CHECK(told(c.native(false)));
  CHECK(told(c.native(true)));
  c.log_keys({});
  CHECK_FALSE(told(c.native(true)));
}

}  // namespace tls_context_test
