#include "peer/revocation_exchange.hpp"

#include <doctest.h>

#include <algorithm>

#include "overlay/support/simulated_ring.hpp"
#include "phyllo/identity/errc.hpp"

namespace revocation_exchange_test {

using namespace phyllo;
using namespace phyllo::testing;
using overlay::revocation_announcement;
using overlay::revocation_answer;
using overlay::revocation_exchange;
using overlay::revocation_gift;
using overlay::revocation_question;
using overlay::revocation_want;

namespace {

overlay::revocation_exchange exchange_of(simulated_world& w, identity::trust& t, core::metrics& m, const identity::node_id& signer) {
  return {w.env(), t,
          [&t, &w, signer](core::byte_view text) { return identity::read_revocation_head(text, t, {signer}, w.env().wall_now()); }, m};
}

// A node that hears of the list, and the signer of it.
struct scene {
  scene() { REQUIRE(trust.update({members.ca.certificate_der()}, {}).has_value()); }

  void revoke(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) entries.push_back({key(), identity::revoked_for_good});
  }
  [[nodiscard]] identity::revocation_list::next next() {
    return trust.revocations().succeed(entries, 0, members.name, *members.signer).value();
  }
  [[nodiscard]] identity::node_id key() {
    identity::node_id id;
    world.env().random(id.octets);
    return id;
  }
  [[nodiscard]] std::uint64_t refused() { return metrics.get_counter("phyllo_dropped_total", "", {{"reason", "revocations"}}).value(); }

  simulated_world world{1};
  simulated_overlay members{world};
  identity::trust trust{members.name};
  core::metrics metrics;
  std::vector<identity::revocation> entries;
};

// A node that holds a list of so many entries, and its exchange.
struct holder : scene {
  explicit holder(std::size_t count) {
    revoke(count);
    REQUIRE(exchange.take(next()).has_value());
  }
  revocation_answer asked(const revocation_question& q) {
    const auto a = revocation_answer::decode(exchange.answer(key(), q.encode()));
    REQUIRE(a.has_value());
    return *a;
  }
  [[nodiscard]] std::uint64_t number() const { return trust.revocations().number(); }
  revocation_exchange exchange = exchange_of(world, trust, metrics, members.signer->certificate.node());
};

}  // namespace

TEST_CASE("a change that is a lie costs one try: the list is taken leaf by leaf then") {
  scene s;
  s.revoke(2000);
  const auto n = s.next();
  auto& reader = s.trust;
  auto e = exchange_of(s.world, reader, s.metrics, s.members.signer->certificate.node());
  auto lie = n.delta;
  lie.entries.pop_back();
  const auto first = e.on_announced(s.key(), overlay::revocation_announcement{n.head.text, lie.encode(), 255}.encode());
  CHECK(first.head);
  CHECK_FALSE(first.content);
  CHECK(e.behind());
  CHECK(overlay::revocation_question::decode(e.question())->want == overlay::revocation_want::digests);
  CHECK_FALSE(e.on_announced(s.key(), overlay::revocation_announcement{n.head.text, n.delta.encode(), 255}.encode()).content);
  // Somebody has it.
  auto holder_trust = identity::trust(s.members.name);
  REQUIRE(holder_trust.update({s.members.ca.certificate_der()}, {}));
  auto holder = exchange_of(s.world, holder_trust, s.metrics, s.members.signer->certificate.node());
  REQUIRE(holder.take(n));
  const auto asker = s.key(), giver = s.key();
  for (int i = 0; i < 20 && e.behind(); ++i) (void)e.on_answer(giver, holder.answer(asker, e.question()));
  CHECK_FALSE(e.behind());
  CHECK(e.list().size() == 2000);
}

TEST_CASE("whoever claims to know a newer list without having one is asked once") {
  scene s;
  auto e = exchange_of(s.world, s.trust, s.metrics, s.members.signer->certificate.node());
  const auto liar = s.key();
  (void)e.answer(liar, overlay::revocation_question{0, 1'000'000, overlay::revocation_want::newest, {}, 0}.encode());
  CHECK(e.hinted());
  CHECK(e.choose({liar}) == liar);
  (void)e.on_answer(liar, overlay::revocation_answer{1'000'000, {}, overlay::revocation_gift::nothing, {}, {}, 0}.encode());
  CHECK_FALSE(e.behind());
}

TEST_CASE("who lacks some of the list asks those that hold some, and nobody twice for nothing") {
  scene s;
  auto& trust = s.trust;
  auto e = exchange_of(s.world, trust, s.metrics, s.members.signer->certificate.node());
  std::vector<identity::node_id> linked;
  for (int i = 0; i < 40; ++i) linked.push_back(s.key());
  s.revoke(2000);
  const auto n = s.next();
  for (const auto& each : linked) (void)e.on_announced(each, overlay::revocation_announcement{n.head.text, {}, 0}.encode());
  (void)e.on_announced(linked[7], overlay::revocation_announcement{n.head.text, {}, 255}.encode());
  REQUIRE(e.behind());
  const auto asked = [&] {
    int of_it = 0;
    for (int i = 0; i < 200; ++i) of_it += e.choose(linked) == linked[7] ? 1 : 0;
    return of_it;
  };
  CHECK(asked() > 140);
  (void)e.on_answer(linked[7], overlay::revocation_answer{n.head.number, {}, overlay::revocation_gift::nothing, {}, {}, 255}.encode());
  CHECK(asked() < 30);
}

TEST_CASE("a node that knows of no list asks for the newest, of whoever is linked, and announces nothing") {
  scene s;
  auto e = exchange_of(s.world, s.trust, s.metrics, s.members.signer->certificate.node());
  CHECK_FALSE(e.behind());
  CHECK(e.announcement().empty());
  const auto q = revocation_question::decode(e.question());
  REQUIRE(q.has_value());
  CHECK(q->want == revocation_want::newest);
  CHECK(q->number == 0);
  CHECK(q->share == 0);
  CHECK_FALSE(e.choose({}).has_value());
  const auto one = s.key();
  CHECK(e.choose({one}) == one);
}

TEST_CASE("who asks for the newest is given the change from where it is, and the digests where that is not remembered") {
  holder h(300);
  const auto first = h.number();
  h.revoke(1);
  REQUIRE(h.exchange.take(h.next()).has_value());
  const auto change = h.asked({.number = first, .sought = first, .want = revocation_want::newest, .leaves = {}, .share = 255});
  CHECK(change.number == h.number());
  CHECK(change.head == h.trust.revocations().head().text);
  REQUIRE(change.gift == revocation_gift::delta);
  CHECK(identity::revocation_delta::decode(change.content)->entries.size() == 1);
  const auto stranger = h.asked({.number = first + 1000, .sought = first, .want = revocation_want::newest, .leaves = {}, .share = 0});
  CHECK(stranger.gift == revocation_gift::digests);
  CHECK(stranger.content == h.trust.revocations().digests());
  const auto same = h.asked({.number = h.number(), .sought = h.number(), .want = revocation_want::newest, .leaves = {}, .share = 255});
  CHECK(same.gift == revocation_gift::nothing);
  CHECK(same.head.empty());
  CHECK(same.share == overlay::whole_share);
}

TEST_CASE("leaves are given of the head that is sought, thirty-two at once at most") {
  holder h(30'000);
  const auto leaves = h.trust.revocations().leaves();
  REQUIRE(leaves > 40);
  revocation_question q{.number = 0, .sought = h.number(), .want = revocation_want::leaves, .leaves = {}, .share = 0};
  q.leaves = {3, 0xffff, 5};
  const auto two = h.asked(q);
  REQUIRE(two.leaves.size() == 2);
  CHECK(two.leaves[0].index == 3);
  CHECK(two.leaves[1].index == 5);
  CHECK(core::equal(two.leaves[1].entries, *h.trust.revocations().leaf(5)));
  q.leaves.clear();
  for (std::uint16_t i = 0; i < leaves; ++i) q.leaves.push_back(i);
  const auto many = h.asked(q);
  CHECK(many.gift == revocation_gift::leaves);
  CHECK(many.leaves.size() <= 32);
  CHECK(many.encode().size() < 45'000);
  q.leaves = {0xffff};
  CHECK(h.asked(q).gift == revocation_gift::nothing);
}

TEST_CASE("others make a node send so many pieces at once, and so many a second; what is no question is counted") {
  holder h(300);
  revocation_question q{.number = 0, .sought = h.number(), .want = revocation_want::digests, .leaves = {}, .share = 0};
  unsigned given = 0;
  for (int i = 0; i < 300; ++i) given += h.asked(q).gift == revocation_gift::digests ? 1 : 0;
  CHECK(given == 200);
  h.world.run_for(1s);
  given = 0;
  for (int i = 0; i < 300; ++i) given += h.asked(q).gift == revocation_gift::digests ? 1 : 0;
  CHECK(given == 100);
  const auto before = h.refused();
  CHECK(h.exchange.answer(h.key(), core::bytes{1, 2, 3}).empty());
  CHECK(h.refused() == before + 1);
}

TEST_CASE("a head is verified only if it is newer, and others make a node verify so many") {
  scene s;
  s.revoke(3);
  unsigned verified = 0;
  revocation_exchange e(
      s.world.env(), s.trust,
      [&](core::byte_view) -> core::result<identity::revocation_head> {
        ++verified;
        return core::fail(identity::errc::bad_signature, "x");
      },
      s.metrics);
  const auto n = s.next();
  const auto announced = revocation_announcement{n.head.text, {}, 0}.encode();
  for (int i = 0; i < 80; ++i) CHECK_FALSE(e.on_announced(s.key(), announced).head);
  CHECK(verified == 50);
  CHECK(s.refused() == 80);
  CHECK(s.trust.revocations().head().number == 0);
  auto good = exchange_of(s.world, s.trust, s.metrics, s.members.signer->certificate.node());
  CHECK(good.on_announced(s.key(), announced).head);
  s.world.run_for(60s);
  (void)e.on_announced(s.key(), announced);  // it is known now
  CHECK(verified == 50);
  (void)e.on_announced(s.key(), core::bytes{7});
  CHECK(s.refused() == 81);
}

TEST_CASE("the signer's own node takes a list of a higher number only, and announces it with the change that leads to it") {
  holder h(3);
  const auto known = revocation_announcement::decode(h.exchange.announcement());
  REQUIRE(known.has_value());
  CHECK(known->head == h.trust.revocations().head().text);
  CHECK(known->share == overlay::whole_share);
  CHECK(identity::revocation_delta::decode(known->delta)->entries.size() == 3);
  h.revoke(1);
  const auto n = h.next();
  REQUIRE(h.exchange.take(n).has_value());
  CHECK(h.exchange.take(n).error() == identity::errc::older_document);
  h.revoke(1000);
  REQUIRE(h.exchange.take(h.next()).has_value());
  CHECK(revocation_announcement::decode(h.exchange.announcement())->delta.empty());  // it is too long for that
}

TEST_CASE("neighbours are told first, each once, and none that knows it already") {
  holder h(3);
  const auto a = h.key(), b = h.key(), c = h.key(), d = h.key();
  const auto said = [&](const identity::node_id& n, std::uint8_t share) {
    (void)h.exchange.on_announced(n, revocation_announcement{h.trust.revocations().head().text, {}, share}.encode());
  };
  using subject = revocation_exchange::subject;
  CHECK(h.exchange.audience(subject::head, {a, b}, {b, a}, 8) == std::vector{a, b});
  CHECK(h.exchange.audience(subject::head, {a, b}, {c, d}, 1) == std::vector{a});
  CHECK(h.exchange.audience(subject::head, {a}, {c, d}, 8).size() == 3);
  said(a, 9);
  CHECK(h.exchange.audience(subject::head, {a, b}, {}, 8) == std::vector{b});
  CHECK(h.exchange.audience(subject::share, {a, b}, {}, 8) == std::vector{a, b});
  CHECK_FALSE(h.exchange.holds_all(a));
  said(a, overlay::whole_share);
  CHECK(h.exchange.audience(subject::share, {a, b}, {}, 8) == std::vector{b});
  CHECK(h.exchange.holds_all(a));
  h.revoke(1);
  REQUIRE(h.exchange.take(h.next()).has_value());
  CHECK_FALSE(h.exchange.holds_all(a));  // of the list before
}

TEST_CASE("a node says that it holds some of the list when the first leaf has come, and all of it with the last") {
  holder h(30'000);
  scene s;
  REQUIRE(s.trust.update({h.members.ca.certificate_der()}, {}).has_value());
  auto e = exchange_of(s.world, s.trust, s.metrics, h.members.signer->certificate.node());
  const auto giver = h.key();
  CHECK(e.on_announced(giver, revocation_announcement{h.trust.revocations().head().text, {}, 255}.encode()).head);
  std::size_t told = 0, pieces = 0;
  overlay::revocation_share before = 0;
  while (e.behind() && pieces < 200) {
    ++pieces;
    h.world.run_for(1s);
    const auto n = e.on_answer(giver, h.exchange.answer(h.key(), e.question()));
    CHECK(n.useful);
    told += n.share ? 1 : 0;
    const auto share = revocation_question::decode(e.question())->share;
    CHECK(share >= before);
    before = share;
  }
  CHECK_FALSE(e.behind());
  CHECK(before == overlay::whole_share);
  CHECK(told == 2);
  CHECK(e.list().size() == 30'000);
}

}  // namespace revocation_exchange_test
