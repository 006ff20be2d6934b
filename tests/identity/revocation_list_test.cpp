#include "phyllo/identity/revocation_list.hpp"

#include <algorithm>

#include "revocation_lists.hpp"

namespace revocation_list_test {

using namespace phyllo;
using namespace phyllo::identity;
using namespace phyllo::testing;

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

}  // namespace revocation_list_test
