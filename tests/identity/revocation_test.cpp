#include "phyllo/identity/revocation.hpp"

#include "phyllo/identity/errc.hpp"
#include "revocation_lists.hpp"

namespace revocation_test {

using namespace phyllo;
using namespace phyllo::identity;
using namespace phyllo::testing;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("a revoked node is refused, and others are not") {
  lists l;
  const auto t = l.reader();
  const auto bob = credential_for(l.ca, 1, "bob@example.com").certificate;
  const auto alice = credential_for(l.ca, 2, "alice@example.com").certificate;
  take(*t, l.add(t->revocations(), {{bob.node(), revoked_for_good}}));
  CHECK(t->check(bob, today).error() == errc::revoked);
  CHECK(t->revoked(bob.node()));
  CHECK(t->check(alice, today));
}

TEST_CASE("a user's certificates of before a time are refused, and one of after it is not") {
  lists l;
  const auto t = l.reader();
  const auto bob = credential_for(l.ca, 1, "bob@example.com").certificate;
  const auto issued = bob.not_before() + certificates_dated_back;
  const auto before = revoked_before(issued);
  take(*t, l.add(t->revocations(), {{revoked_user("bob@example.com"), before}}));
  CHECK(t->check(bob, today).error() == errc::revoked);
  CHECK_FALSE(t->revoked(bob.node()));  // the node may have another certificate by now
  auto key = private_key::generate();
  const auto again =
      l.ca.issue({bob.node(), "bob@example.com", overlay_name, {}, at_second(before) - certificates_dated_back, today + hours(1)},
                 key.native())
          .value();
  CHECK(t->check(again, today));
  const auto a_second_earlier =
      l.ca.issue({bob.node(), "bob@example.com", overlay_name, {}, at_second(before - 1) - certificates_dated_back, today + hours(1)},
                 key.native())
          .value();
  CHECK(t->check(a_second_earlier, today).error() == errc::revoked);
}

TEST_CASE("an outdated certificate is good, and its holder can see that it is outdated") {
  lists l;
  const auto t = l.reader();
  const auto bob = credential_for(l.ca, 1, "bob@example.com").certificate;
  const auto issued = bob.not_before() + certificates_dated_back;
  CHECK_FALSE(t->outdated(bob));
  take(*t, l.add(t->revocations(), {{outdated_user("bob@EXAMPLE.com"), revoked_before(issued)}}));
  CHECK(t->check(bob, today));
  CHECK(t->outdated(bob));
  CHECK_FALSE(t->outdated(credential_for(l.ca, 2, "alice@example.com").certificate));
  auto key = private_key::generate();
  const auto from = at_second(revoked_before(issued)) - certificates_dated_back;
  CHECK_FALSE(t->outdated(l.ca.issue({bob.node(), "bob@example.com", overlay_name, {}, from, today + hours(1)}, key.native()).value()));
  CHECK(outdated_user("bob@example.com") != revoked_user("bob@example.com"));
}

TEST_CASE("the signer can go on above a list that it knows by its head alone, and others come to that") {
  lists l;
  const auto t = l.reader(), other = l.reader();
  take(*t, l.add(t->revocations(), l.some(3), 100));
  take(*other, {t->revocations().head(), *t->revocations().last_change()});
  const auto lost = l.add(t->revocations(), l.some(2), 200);  // nobody holds it any more
  REQUIRE(t->revocations().seek(lost.head));
  REQUIRE(other->revocations().seek(lost.head));
  CHECK_FALSE(t->revocations().whole());
  const auto next = l.add(t->revocations(), l.some(1), 150);
  CHECK(next.head.number == 201);
  take(*t, next);
  take(*other, next);
  CHECK(t->revocations().whole());
  CHECK(other->revocations().entries() == t->revocations().entries());
  CHECK(t->revocations().size() == 6);
}

TEST_CASE("a user is found in whatever case the domain is written, and no list of users can be read from the list") {
  CHECK(revoked_user("bob@EXAMPLE.com") == revoked_user("bob@example.com"));
  CHECK(revoked_user("Bob@example.com") != revoked_user("bob@example.com"));
  CHECK(revoked_user("bob@example.com") != ring_hash(core::as_bytes("bob@example.com")));  // not where his records are
}

TEST_CASE("a certificate that is issued in the second of a revocation is caught by it") {
  const auto now = core::from_unix_milliseconds(1'700'000'000'999);
  CHECK(revoked_before(now) == 1'700'000'001);
  CHECK(revoked_before(core::from_unix_milliseconds(1'700'000'000'000)) == 1'700'000'001);
}

TEST_CASE("a list of another overlay, of another signer, of a revoked signer, or changed on its way is refused") {
  lists l;
  const auto t = l.reader();
  const auto good = l.add(t->revocations(), l.some(3)).head;
  REQUIRE(l.read(*t, good.text).value() == good);
  CHECK(read_revocation_head(good.text, *t, {numbered(8)}, today).error() == errc::unknown_signer);
  trust elsewhere("elsewhere.example");
  CHECK(l.read(elsewhere, good.text).error() == errc::wrong_overlay);
  const trust no_anchor(overlay_name);
  CHECK(l.read(no_anchor, good.text).error() == errc::unknown_issuer);
  for (const std::size_t at : {std::size_t{3}, good.text.size() / 4, good.text.size() - 1}) {
    auto changed = good.text;
    changed[at] ^= 1;
    CHECK_FALSE(l.read(*t, changed));
  }
  take(*t, l.add(t->revocations(), {{l.signer.certificate.node(), revoked_for_good}}));
  CHECK(l.read(*t, good.text).error() == errc::revoked);
}

TEST_CASE("a change without order, with half an entry or with something left over is refused") {
  const revocation_delta good{4, 6, {{numbered(1), 1}, {numbered(2), 2}}, {numbered(3), numbered(4)}};
  const auto text = good.encode();
  CHECK(revocation_delta::decode(text).value() == good);
  for (std::size_t size = 0; size < text.size(); ++size) CHECK_FALSE(revocation_delta::decode(core::byte_view(text).first(size)));
  auto longer = text;
  longer.push_back(0);
  CHECK_FALSE(revocation_delta::decode(longer));
  CHECK_FALSE(revocation_delta::decode(revocation_delta{4, 6, {{numbered(2), 1}, {numbered(1), 2}}, {}}.encode()));
  CHECK_FALSE(revocation_delta::decode(revocation_delta{4, 6, {}, {numbered(4), numbered(4)}}.encode()));
  CHECK_FALSE(revocation_delta::decode(revocation_delta{6, 6, {}, {}}.encode()));
}

}  // namespace revocation_test
