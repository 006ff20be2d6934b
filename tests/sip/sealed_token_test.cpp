#include "sip/sealed_token.hpp"

#include <doctest.h>

#include "token_fixture.hpp"

namespace sealed_token_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace phyllo::sip;

namespace {

const domain_secrets secrets({"example.com"}, ring_of_keys(1, 1));
const token_sealer sealer(secrets);

}  // namespace

TEST_CASE("a token gives back its domain and content, of any length") {
  for (std::size_t size = 0; size < 100; ++size) {
    core::bytes content(size, 0xa5);
    const auto text = sealer.seal(token_use::dialog, "example.com", content);
    CHECK(text.size() == ((size + 20) * 8 + 5) / 6);
    const auto back = sealer.open(token_use::dialog, text);
    REQUIRE(back);
    CHECK(back->domain == "example.com");
    CHECK(back->content == content);
  }
}

TEST_CASE("a token of one use is none of the other") {
  const auto text = sealer.seal(token_use::path, "example.com", core::as_bytes("x"));
  CHECK(sealer.open(token_use::path, text));
  CHECK_FALSE(sealer.open(token_use::dialog, text));
}

TEST_CASE("what is no token opens to nothing, at every length and with any letter") {
  const auto text = sealer.seal(token_use::path, "example.com", core::as_bytes("content"));
  for (std::size_t i = 0; i < text.size(); ++i) CHECK_FALSE(sealer.open(token_use::path, text.substr(0, i)));
  CHECK_FALSE(sealer.open(token_use::path, text + "A"));
  CHECK_FALSE(sealer.open(token_use::path, text + "="));  // no padding (RFC 4648 s.5 as it is used here)
  for (const char letter : {'+', '/', '=', '%', '\0', '\xff'}) {
    auto changed = text;
    changed[9] = letter;
    CHECK_FALSE(sealer.open(token_use::path, changed));
  }
  CHECK_FALSE(sealer.open(token_use::path, std::string(token_sealer::text_max + 1, 'A')));
}

TEST_CASE("two domains of one node do not open each other's tokens as their own") {
  auto ring = ring_of_keys(1, 1);
  ring.add("example.org", 1, {core::bytes(32, 1), core::bytes(32, 1)});  // the same key even
  const domain_secrets both({"example.com", "example.org"}, ring);
  const token_sealer of_both(both);
  const auto text = of_both.seal(token_use::dialog, "example.org", core::as_bytes("x"));
  CHECK(of_both.open(token_use::dialog, text)->domain == "example.org");
  CHECK_FALSE(sealer.open(token_use::dialog, text));
  CHECK(of_both.open(token_use::dialog, sealer.seal(token_use::dialog, "example.com", core::as_bytes("x")))->domain == "example.com");
  CHECK(sealer.seal(token_use::dialog, "example.org", core::as_bytes("x")).empty());
}

TEST_CASE("an old generation still opens, and new tokens are of the one in use") {
  const domain_secrets rotated({"example.com"}, ring_of_keys(1, 2));
  const token_sealer now(rotated);
  CHECK(now.open(token_use::dialog, sealer.seal(token_use::dialog, "example.com", core::as_bytes("x"))));
  CHECK_FALSE(sealer.open(token_use::dialog, now.seal(token_use::dialog, "example.com", core::as_bytes("x"))));
}

}  // namespace sealed_token_test
