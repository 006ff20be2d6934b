#include "storage/value_judge.hpp"

#include <doctest.h>

#include "kinds/resource_key.hpp"
#include "phyllo/overlay/errc.hpp"
#include "support/lone_surroundings.hpp"

namespace value_judge_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::errc;
using overlay::resource_kind;

namespace {

constexpr std::uint64_t now_ms = 1'767'225'600'000;
constexpr std::uint64_t day_ms = 86'400'000;

// A node that judges, and alice, who writes notes under her name.
struct scene {
  scene() {
    REQUIRE(trust.update({ca.certificate_der()}, {}).has_value());
    d = note(now_ms);
  }

  std::shared_ptr<const identity::credential> make(const std::string& user, std::uint8_t node) {
    auto key = identity::private_key::generate();
    identity::authority::request r;
    r.node.octets.fill(node);
    r.user = user;
    r.overlay = "test.overlay";
    r.not_before = now - 1h;
    r.not_after = now + 24h;
    r.peer = true;
    auto certificate = ca.issue(r, key.native()).value();
    return std::make_shared<const identity::credential>(identity::credential{std::move(certificate), std::move(key)});
  }

  [[nodiscard]] overlay::stored_data note(std::uint64_t at) const {
    const overlay::resource_key key{.form = overlay::key_form::owner, .binding = alice->certificate.node().octets, .name = name};
    overlay::record r;
    r.name = name;
    r.lifetime_s = 3600;
    r.timestamp_ms = at;
    r.value = "x";
    overlay::stored_data out;
    out.storage_time = at;
    out.lifetime = 3600;
    out.value.key = key.encode();
    out.value.value = core::to_bytes(r.xml());
    sign(out, name.key(), resource_kind.id, *alice);
    return out;
  }

  [[nodiscard]] auto judge(const overlay::stored_data& v) const { return judged.judge(resource_kind, name.key(), v, carried); }
  void hold(const overlay::stored_data& v) { store.put(name.key(), resource_kind.id, v, alice->certificate, core::time_point{1h}); }

  core::wall_time now = core::from_unix_milliseconds(now_ms);
  identity::authority ca = identity::authority::create("test", now - 1h);
  identity::trust trust{"test.overlay"};
  std::shared_ptr<const identity::credential> self = make("self@example.com", 1);
  std::shared_ptr<const identity::credential> alice = make("alice@example.com", 2);
  overlay::name name = *overlay::name::parse("note:alice@example.com");
  testing::lone_surroundings ring{self->certificate.node(), now};
  overlay::replica_store store{overlay::known_kinds(), {}};
  std::vector<identity::certificate> carried{alice->certificate};
  overlay::value_judge judged{self, trust, ring, &store};
  overlay::value_judge of_ordinary_node{self, trust, ring, nullptr};
  overlay::stored_data d;
};

}  // namespace

TEST_CASE("a value is believed with its signer's certificate, whoever has that, and not without") {
  scene s;
  CHECK(s.judge(s.d)->user() == "alice@example.com");
  s.carried.clear();
  CHECK(s.judge(s.d).error() == errc::forbidden);
  s.ring.certificates.emplace(s.alice->certificate.fingerprint(), s.alice->certificate);
  CHECK(s.judge(s.d)->user() == "alice@example.com");
  const overlay::value_judge own(s.alice, s.trust, s.ring, nullptr);
  s.ring.certificates.clear();
  CHECK(own.judge(resource_kind, s.name.key(), s.d, {}).has_value());
}

TEST_CASE("a value is refused that is unsigned, changed, or of a signer whom nobody trusts") {
  scene s;
  auto unsigned_one = s.d;
  unsigned_one.signature = {};
  CHECK(s.judge(unsigned_one).error() == errc::forbidden);
  auto changed = s.d;
  changed.storage_time += 1;
  CHECK_FALSE(s.judge(changed).has_value());
  REQUIRE(s.trust.update({s.ca.certificate_der()}, {s.alice->certificate.node()}).has_value());
  CHECK(s.judge(s.d).error() == errc::forbidden);
}

TEST_CASE("of what this node has just signed and stores with itself all is judged but the signature") {
  scene s;
  const overlay::value_judge own(s.alice, s.trust, s.ring, &s.store);
  const auto judged = [&](const overlay::stored_data& v) { return own.judge_own(resource_kind, s.name.key(), v, s.carried); };
  auto spoilt = s.d;
  spoilt.signature.value.back() ^= 1;
  CHECK(judged(spoilt)->user() == "alice@example.com");
  CHECK_FALSE(own.judge(resource_kind, s.name.key(), spoilt, s.carried).has_value());
  CHECK_FALSE(s.judged.judge_own(resource_kind, s.name.key(), spoilt, s.carried).has_value());  // another's
  auto changed = s.d;
  changed.value.value = core::to_bytes("no record");
  CHECK(judged(changed).error() == errc::invalid_record);
  CHECK(judged(s.note(now_ms + day_ms + 1)).error() == errc::forbidden);
  REQUIRE(s.trust.update({s.ca.certificate_der()}, {s.alice->certificate.node()}).has_value());
  CHECK(judged(s.d).error() == errc::forbidden);
}

TEST_CASE("of what is held only the trust in its signer is asked again") {
  scene s;
  auto spoilt = s.d;
  spoilt.signature.value.back() ^= 1;
  CHECK_FALSE(s.judge(spoilt).has_value());
  s.hold(spoilt);  // as if it had been judged before
  s.carried.clear();
  CHECK(s.judge(spoilt)->user() == "alice@example.com");
  CHECK_FALSE(s.of_ordinary_node.judge(resource_kind, s.name.key(), spoilt, {s.alice->certificate}).has_value());
  REQUIRE(s.trust.update({s.ca.certificate_der()}, {s.alice->certificate.node()}).has_value());
  CHECK(s.judge(spoilt).error() == errc::forbidden);
}

TEST_CASE("a copy of a time to come is refused, but readers see it, and the next of what is held is taken") {
  scene s;
  const auto limit = s.note(now_ms + day_ms);
  const auto ahead = s.note(now_ms + day_ms + 1);
  CHECK(s.judge(limit).has_value());
  CHECK(s.judge(ahead).error() == errc::forbidden);
  CHECK(s.judged.judge_read(resource_kind, s.name.key(), ahead, s.carried).has_value());
  CHECK(s.of_ordinary_node.judge_read(resource_kind, s.name.key(), ahead, s.carried).has_value());
  s.hold(limit);
  CHECK(s.judge(ahead).has_value());
  CHECK(s.judge(s.note(now_ms + day_ms + 2)).error() == errc::forbidden);
  CHECK(s.of_ordinary_node.too_early({s.name.key(), resource_kind.id, ahead.value.entry()}, ahead, day_ms));
  s.ring.clock += 1ms;
  CHECK_FALSE(s.of_ordinary_node.too_early({s.name.key(), resource_kind.id, ahead.value.entry()}, ahead, day_ms));
}

TEST_CASE("what is of a time to come gives way, where the clock is agreed") {
  scene s;
  const auto to_come = s.note(now_ms + day_ms + 1);
  CHECK(s.judged.of_a_time_to_come(to_come));
  CHECK(s.judged.order().older(to_come.version(), s.d.version()));
  s.ring.agreed = false;
  CHECK_FALSE(s.judged.of_a_time_to_come(to_come));
  CHECK(s.judged.order().older(s.d.version(), to_come.version()));
}

}  // namespace value_judge_test
