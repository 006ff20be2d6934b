#include "sip/digest_offer.hpp"

#include <doctest.h>

namespace digest_offer_test {

using namespace phyllo;
using namespace phyllo::sip;
using namespace std::chrono_literals;
using enum digest_algorithm;
using algorithms = std::vector<digest_algorithm>;

namespace {

constexpr std::uint64_t home = 1;
constexpr std::uint64_t elsewhere = 2;

struct offers {
  digest_offer offer{digest_policy::adapt, {1, 2}};
  core::time_point now{1000s};

  algorithms to(std::uint64_t address = home, bool renews = false) { return offer.to("alice@example.com", address, renews, now); }
  bool takes(digest_algorithm a, std::uint64_t address = home) { return offer.takes("alice@example.com", address, a); }
};

}  // namespace

TEST_CASE("whom nothing is known of is offered MD5, which all take, and SHA-256") {
  offers o;
  CHECK(o.to() == algorithms{md5, sha256});
  CHECK(o.to() == algorithms{md5, sha256});  // a request that came twice
}

TEST_CASE("who answers nothing to both, or answers wrongly, is offered MD5 alone") {
  offers o;
  (void)o.to();
  o.now += 15s;
  CHECK(o.to() == algorithms{md5});
  CHECK(o.to(elsewhere) == algorithms{md5, sha256});
  o.offer.failed("alice@example.com", elsewhere, o.now);
  CHECK(o.to(elsewhere) == algorithms{md5});
}

TEST_CASE("a phone that was silent before both and takes MD5 is never asked for more than that again") {
  offers o;
  (void)o.to();
  o.now += 15s;
  (void)o.to();
  CHECK(o.takes(md5));
  o.now += 3000s;
  CHECK(o.to() == algorithms{md5});
  CHECK(o.to(home, true) == algorithms{md5});
}

TEST_CASE("a phone that takes the topmost is offered SHA-256 there once, when it renews its registration") {
  offers o;
  (void)o.to();
  CHECK(o.takes(md5));
  CHECK(o.to() == algorithms{md5});
  CHECK(o.to(home, true) == algorithms{sha256, md5});
  o.now += 20s;
  CHECK(o.to(home, true) == algorithms{md5});
}

TEST_CASE("of a user who has used SHA-256 nothing else is taken, at no address") {
  offers o;
  CHECK(o.takes(sha256));
  CHECK(o.to() == algorithms{sha256});
  CHECK_FALSE(o.takes(md5));
  CHECK_FALSE(o.takes(md5, elsewhere));
  CHECK(o.to(elsewhere) == algorithms{sha256});  // whoever answers there knows the password
}

TEST_CASE("a third party's questions, silence and wrong answers change nothing for a user who has used SHA-256") {
  offers o;
  CHECK(o.takes(sha256));
  for (const auto address : {home, elsewhere}) {
    for (int i = 0; i < 10; ++i, o.now += 20s) {
      (void)o.to(address, i % 2 == 0);
      o.offer.failed("alice@example.com", address, o.now);
    }
  }
  CHECK(o.to() == algorithms{sha256});
  CHECK_FALSE(o.takes(md5));
}

TEST_CASE("an offer tells a stranger nothing: known and unknown users get the same from where they have not answered") {
  offers o;
  CHECK(o.takes(sha256));
  CHECK(o.to(elsewhere) == o.offer.to("nobody@example.com", elsewhere, false, o.now));
}

TEST_CASE("where SHA-256 is required nothing else is offered or heard") {
  digest_offer strict(digest_policy::require, {1, 2});
  CHECK(strict.to("alice@example.com", home, false, core::time_point(1s)) == algorithms{sha256});
  CHECK_FALSE(strict.speaks(md5));
  CHECK(strict.speaks(sha256));
}

TEST_CASE("a flood of names leaves what right answers have shown") {
  offers o;
  CHECK(o.takes(sha256));
  for (std::uint64_t i = 0; i < digest_offer::asked_max + 10; ++i) (void)o.offer.to("user" + std::to_string(i), 7, false, o.now);
  CHECK(o.to() == algorithms{sha256});
}

}  // namespace digest_offer_test
