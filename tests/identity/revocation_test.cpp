#include "phyllo/identity/revocation.hpp"

#include <algorithm>
#include <random>

#include "forge.hpp"
#include "phyllo/identity/errc.hpp"
#include "phyllo/identity/trust.hpp"

namespace revocation_test {

using namespace phyllo;
using namespace phyllo::identity;
using namespace phyllo::testing;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

// An overlay's signer, and readers of its list.
struct lists {
  authority ca = authority::create("login.example.com", today);
  credential signer = credential_for(ca, 7, "signer@example.com");
  std::vector<node_id> signers{signer.certificate.node()};
  std::mt19937_64 random{4};

  [[nodiscard]] std::unique_ptr<trust> reader() const {
    auto t = std::make_unique<trust>(overlay_name);
    REQUIRE(t->update({ca.certificate_der()}, {}));
    return t;
  }
  [[nodiscard]] core::result<revocation_head> read(const trust& t, core::byte_view text) const {
    return read_revocation_head(text, t, signers, today);
  }
  // What `of` says, and these.
  [[nodiscard]] revocation_list::next add(const revocation_list& of, std::vector<revocation> more, std::uint64_t number = 0) {
    all.insert(all.end(), more.begin(), more.end());
    return of.succeed(all, number, overlay_name, signer).value();
  }
  [[nodiscard]] std::vector<revocation> some(std::size_t count) {
    std::vector<revocation> out(count);
    for (auto& e : out) {
      for (auto& o : e.key.octets) o = static_cast<std::uint8_t>(random());
      e.before = revoked_for_good;
    }
    return out;
  }
  std::vector<revocation> all;
};

void take(trust& t, const revocation_list::next& n) {
  REQUIRE(t.revocations().seek(n.head));
  REQUIRE(t.revocations().apply(n.delta));
}

// Leaf by leaf, as a joiner comes by it; gives back the pieces that it took.
std::size_t copy(const revocation_list& from, revocation_list& to) {
  if (to.seek(from.head())) REQUIRE(to.take_digests(from.digests()));
  std::size_t pieces = 0;
  for (const auto i : to.lacking()) {
    REQUIRE(to.take_leaf(i, from.leaf(i).value()));
    ++pieces;
  }
  return pieces;
}

core::wall_time at_second(std::uint32_t s) { return core::from_unix_milliseconds(std::uint64_t{s} * 1000); }

}  // namespace

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

TEST_CASE("who lacks the last change takes it alone, and who lacks some takes them as one") {
  lists l;
  const auto signer = l.reader(), reader = l.reader();
  auto& s = signer->revocations();
  take(*signer, l.add(s, l.some(5000)));
  copy(s, reader->revocations());
  const auto start = s.number();
  for (int i = 0; i < 5; ++i) take(*signer, l.add(s, l.some(2)));
  CHECK(s.last_change()->size() == 2);
  const auto d = s.since(start).value();
  CHECK(d.size() == 10);
  REQUIRE(reader->revocations().seek(s.head()));
  REQUIRE(reader->revocations().apply(revocation_delta::decode(d.encode()).value()));
  CHECK(reader->revocations().whole());
  CHECK(reader->revocations().size() == 5010);
  CHECK(reader->revocations().since(start).value() == d);  // and can pass it on
  for (const auto& e : l.all) CHECK(reader->revocations().find(e.key) == e.before);
}

TEST_CASE("a joiner takes a list in pieces of less than half a message, and goes on where it was when the list changes meanwhile") {
  lists l;
  const auto signer = l.reader(), reader = l.reader();
  auto& s = signer->revocations();
  auto& r = reader->revocations();
  take(*signer, l.add(s, l.some(100'000)));
  REQUIRE(r.seek(s.head()));
  REQUIRE(r.take_digests(s.digests()));
  auto lacking = r.lacking();
  CHECK(lacking.size() == s.leaves());
  for (const auto i : lacking) CHECK(s.leaf(i)->size() < 16'000);
  lacking.resize(lacking.size() / 2);
  for (const auto i : lacking) REQUIRE(r.take_leaf(i, s.leaf(i).value()));
  CHECK_FALSE(r.whole());
  const auto in_force = std::ranges::count_if(l.all, [&](const revocation& e) { return r.find(e.key) == e.before; });
  CHECK(in_force > 40'000);  // what has come counts at once
  CHECK(in_force < 60'000);
  const auto others = s.leaves() - lacking.size();
  take(*signer, l.add(s, l.some(3)));
  CHECK(copy(s, r) <= others + 3);
  CHECK(r.whole());
  CHECK(r.size() == 100'003);
  for (const auto& e : l.all) CHECK(r.find(e.key) == e.before);
}

TEST_CASE("pieces that are not the head's change nothing") {
  lists l;
  const auto signer = l.reader(), reader = l.reader();
  auto& s = signer->revocations();
  auto& r = reader->revocations();
  const auto n = l.add(s, l.some(3000));
  take(*signer, n);
  REQUIRE(r.seek(n.head));
  auto lie = n.delta;
  lie.entries.pop_back();
  CHECK_FALSE(r.apply(lie));
  lie = n.delta;
  lie.entries.front().before = 1;
  CHECK_FALSE(r.apply(lie));
  CHECK_FALSE(r.take_leaf(0, s.leaf(0).value()));  // before the digests nobody knows
  auto digests = s.digests();
  digests[0] ^= 1;
  CHECK_FALSE(r.take_digests(digests));
  REQUIRE(r.take_digests(s.digests()));
  CHECK_FALSE(r.take_leaf(0, s.leaf(1).value()));
  CHECK_FALSE(r.take_leaf(60'000, s.leaf(1).value()));
  CHECK(r.size() == 0);
  CHECK(r.number() == 0);
  REQUIRE(r.apply(n.delta));
  CHECK(r.whole());
  CHECK_FALSE(r.seek(n.head));  // the same again, or an older one
}

TEST_CASE("an entry goes when the signer takes it out, and one of a later time replaces it") {
  lists l;
  const auto t = l.reader();
  auto& s = t->revocations();
  const auto keys = l.some(3);
  take(*t, l.add(s, keys));
  l.all = {{keys[0].key, 5}, {keys[0].key, 9}, {keys[1].key, revoked_for_good}};
  const auto n = l.add(s, {});
  CHECK(n.delta.removed == std::vector{keys[2].key});
  CHECK(n.delta.entries == std::vector{revocation{keys[0].key, 9}});
  take(*t, n);
  CHECK(s.find(keys[0].key) == 9);
  CHECK(s.find(keys[1].key) == revoked_for_good);
  CHECK_FALSE(s.find(keys[2].key));
  CHECK_FALSE(s.succeed(l.all, 0, overlay_name, l.signer));  // it says that already
}

TEST_CASE("numbers rise, and follow the time that the signer gives") {
  lists l;
  const auto t = l.reader();
  auto& s = t->revocations();
  take(*t, l.add(s, {}, 1'000));  // the first list may be empty: so others know that there is one
  CHECK(s.number() == 1'000);
  take(*t, l.add(s, l.some(1), 900));
  CHECK(s.number() == 1'001);
  take(*t, l.add(s, l.some(1), 2'000));
  CHECK(s.number() == 2'000);
}

TEST_CASE("the list has more leaves as it grows and fewer as it shrinks, and readers follow by the change alone") {
  lists l;
  const auto signer = l.reader(), reader = l.reader();
  auto& s = signer->revocations();
  std::size_t leaves_max = 0;
  for (const std::size_t count : {10u, 600u, 2000u, 9000u, 3000u, 100u, 0u}) {
    if (count < l.all.size()) l.all.resize(count);
    const auto more = l.some(count - l.all.size());
    const auto n = l.add(s, more);
    take(*signer, n);
    take(*reader, n);
    leaves_max = std::max<std::size_t>(leaves_max, s.leaves());
    CHECK(s.size() == count);
    for (const auto& e : l.all) CHECK(reader->revocations().find(e.key) == e.before);
  }
  CHECK(leaves_max == 32);
  CHECK(s.leaves() == 1);
}

TEST_CASE("whoever watches hears of what is revoked from now on, by a change, by a leaf and from a file") {
  lists l;
  const auto signer = l.reader(), reader = l.reader(), third = l.reader();
  auto& s = signer->revocations();
  std::vector<node_id> heard;
  const auto listen = [&](const std::vector<node_id>& keys) { heard.insert(heard.end(), keys.begin(), keys.end()); };
  reader->revocations().observe(listen);
  const auto first = l.add(s, {{numbered(1), 10}, {numbered(2), 10}});
  take(*signer, first);
  copy(s, reader->revocations());
  CHECK(heard == std::vector{numbered(1), numbered(2)});
  heard.clear();
  const auto second = l.add(s, {{numbered(2), 20}, {numbered(3), 10}});
  take(*signer, second);
  take(*reader, second);
  CHECK(heard == std::vector{numbered(2), numbered(3)});
  heard.clear();
  third->revocations().observe(listen);
  REQUIRE(third->revocations().load(s.head(), s.encode()));
  CHECK(heard.size() == 3);
}

TEST_CASE("a kept list is what it was, and one that was changed on disk is refused") {
  lists l;
  const auto t = l.reader(), again = l.reader();
  take(*t, l.add(t->revocations(), l.some(2000)));
  const auto file = t->revocations().encode();
  const auto head = l.read(*again, revocation_list::head_of(file)).value();
  for (const std::size_t at : {std::size_t{900}, file.size() / 2, file.size() - 1}) {
    auto changed = file;
    changed[at] ^= 1;
    CHECK_FALSE(again->revocations().load(head, changed));
  }
  CHECK_FALSE(again->revocations().load(head, core::byte_view(file).first(file.size() - 1)));
  CHECK(again->revocations().size() == 0);
  REQUIRE(again->revocations().load(head, file));
  CHECK(again->revocations().whole());
  CHECK(again->revocations().encode() == file);
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
