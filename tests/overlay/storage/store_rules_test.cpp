#include "storage/store_rules.hpp"

#include <doctest.h>

#include "kinds/resource_key.hpp"
#include "reload/message.hpp"
#include "support/lone_surroundings.hpp"
#include "support/node_ids.hpp"
#include "support/simulated_world.hpp"

namespace store_rules_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::resource_kind;
using overlay::store_request;
using overlay::store_rules;
namespace error_code = overlay::error_code;

namespace {

constexpr auto array_kind = overlay::kind_number::certificate_by_user;
constexpr std::uint32_t at_the_end = 0xffffffff;

// Records of a node that has two others beside it.
struct records final : overlay::held_records {
  [[nodiscard]] overlay::replica_store& store() noexcept override { return held; }
  [[nodiscard]] const overlay::replica_store& store() const noexcept override { return held; }
  [[nodiscard]] const std::vector<overlay::kind>& kinds() const noexcept override { return served; }
  [[nodiscard]] bool is_root(const overlay::resource_id&) const override { return true; }
  [[nodiscard]] bool stands_in(const overlay::resource_id&) const override { return responsible; }
  [[nodiscard]] std::vector<overlay::node_id> other_holders(const overlay::resource_id&) const override { return others; }
  [[nodiscard]] std::optional<overlay::extension> state_of(const overlay::resource_id&, unsigned holders) const override {
    overlay::replica_state s;
    s.view = 7;
    s.holders = static_cast<std::uint8_t>(holders);
    return s.encode();
  }

  overlay::replica_store held{overlay::known_kinds(), {}, {.values_per_owner_max = 2}};
  std::vector<overlay::kind> served{overlay::known_kinds().begin(), overlay::known_kinds().end()};
  std::vector<overlay::node_id> others{testing::id(0x70), testing::id(0x90)};
  bool responsible = true;
};

struct scene {
  scene() { REQUIRE(trust.update({ca.certificate_der()}, {}).has_value()); }

  std::shared_ptr<const identity::credential> make(const std::string& user, std::uint8_t node) {
    auto key = identity::private_key::generate();
    identity::authority::request r;
    r.node.octets.fill(node);
    r.user = user;
    r.overlay = "test.overlay";
    r.not_before = now - 1h;
    r.not_after = now + 24h;
    auto certificate = ca.issue(r, key.native()).value();
    return std::make_shared<const identity::credential>(identity::credential{std::move(certificate), std::move(key)});
  }
  // A note of alice, under her name.
  overlay::stored_data note(std::uint64_t time, const std::string& text = "x") {
    const overlay::resource_key key{.form = overlay::key_form::owner, .binding = alice->certificate.node().octets, .name = name};
    overlay::record r;
    r.name = name;
    r.lifetime_s = 3600;
    r.timestamp_ms = time;
    r.value = text;
    overlay::stored_data out;
    out.storage_time = time;
    out.lifetime = 3600;
    out.value.key = key.encode();
    out.value.value = core::to_bytes(r.xml());
    sign(out, name.key(), resource_kind.id, *alice);
    return out;
  }
  [[nodiscard]] store_request store_of(std::vector<overlay::stored_data> values, std::uint64_t generation = 0) const {
    return {.resource = name.key(),
            .replica_number = 0,
            .kinds = {{.kind = resource_kind.id, .generation = generation, .values = std::move(values)}},
            .unknown = {}};
  }
  [[nodiscard]] store_rules::certificates by_alice(std::size_t count = 1) const {
    return store_rules::certificates(count, alice->certificate);
  }
  [[nodiscard]] overlay::incoming from(const identity::credential& sender) const {
    return {.contents = {}, .resource = name.key(), .signer = sender.certificate, .link_peer = std::nullopt};
  }
  void take(const overlay::stored_data& d) { rules.take_original(store_of({d}), by_alice()); }
  [[nodiscard]] std::uint64_t generation() const { return held.held.generation(name.key(), resource_kind.id); }

  testing::simulated_world world{1};
  core::wall_time now = world.env().wall_now();
  std::uint64_t now_ms = core::unix_milliseconds(now);
  identity::authority ca = identity::authority::create("test", now - 1h);
  identity::trust trust{"test.overlay"};
  std::shared_ptr<const identity::credential> self = make("self@example.com", 1);
  std::shared_ptr<const identity::credential> alice = make("alice@example.com", 2);
  overlay::name name = *overlay::name::parse("note:alice@example.com");
  testing::lone_surroundings ring{self->certificate.node(), now};
  records held;
  overlay::value_judge judge{self, trust, ring, &held.held};
  core::metrics metrics;
  store_rules rules{world.env(), ring, held, judge, metrics};
};

std::uint16_t error_in(const overlay::message_contents& m) {
  const auto e = overlay::read_error(m);
  REQUIRE(e.has_value());
  return e->code;
}

std::uint16_t error_of(const std::optional<overlay::message_contents>& m) {
  if (!m) return 0;
  return error_in(*m);
}

overlay::stored_data element(std::uint32_t index, std::uint64_t time = 1) {
  overlay::stored_data d;
  d.storage_time = time;
  d.lifetime = 60;
  d.value = {.model = overlay::data_model::array, .index = index, .key = {}, .exists = true, .value = {1}};
  d.signature.value = {static_cast<std::uint8_t>(time)};
  return d;
}

}  // namespace

TEST_CASE("a StoreReq without values is no message, and one of an unknown Kind is told which") {
  scene s;
  const auto read = [&](const store_request& r) {
    const auto out = store_rules::read(r.encode(), s.held.kinds());
    return out ? std::uint16_t{0} : error_in(out.error());
  };
  CHECK(read(s.store_of({s.note(s.now_ms)})) == 0);
  CHECK(read(s.store_of({})) == error_code::invalid_message);
  store_request empty = s.store_of({});
  empty.kinds.clear();
  CHECK(read(empty) == error_code::invalid_message);
  empty.kinds = {{.kind = 0x7777, .generation = 0, .values = {}}};
  CHECK(read(empty) == error_code::unknown_kind);
  CHECK(error_in(store_rules::read(core::bytes{1, 2}, s.held.kinds()).error()) == error_code::invalid_message);
}

TEST_CASE("a value that this node stores with itself is not verified again, and one that comes by a link or is a copy always is") {
  scene s;
  const overlay::value_judge judge(s.alice, s.trust, s.ring, &s.held.held);
  const store_rules rules(s.world.env(), s.ring, s.held, judge, s.metrics);
  auto spoilt = s.note(s.now_ms);
  spoilt.signature.value.back() ^= 1;
  store_rules::certificates signers;
  auto own = s.from(*s.alice);
  CHECK_FALSE(rules.judge_all(own, s.store_of({spoilt}), true, signers).has_value());
  CHECK(error_of(rules.judge_all(own, s.store_of({spoilt}), false, signers)) == error_code::forbidden);
  own.link_peer = s.alice->certificate.node();
  CHECK(error_of(rules.judge_all(own, s.store_of({spoilt}), true, signers)) == error_code::forbidden);
}

TEST_CASE("a store depends on what is held only where it expects a generation, or appends") {
  scene s;
  CHECK_FALSE(store_rules::depends_on_state(s.store_of({s.note(1)})));
  CHECK(store_rules::depends_on_state(s.store_of({s.note(1)}, 3)));
  auto array = s.store_of({element(4)});
  CHECK_FALSE(store_rules::depends_on_state(array));
  array.kinds[0].values.push_back(element(at_the_end));
  CHECK(store_rules::depends_on_state(array));
}

TEST_CASE("what is appended comes after all that is held and all that is stored with it; said again it keeps its place") {
  scene s;
  s.held.held.put(s.name.key(), array_kind, element(4, 9), s.alice->certificate, s.world.now());
  auto body = s.store_of({element(at_the_end, 2), element(7, 3), element(at_the_end, 4), element(at_the_end, 9)});
  body.kinds[0].kind = array_kind;
  s.rules.place_appended(body);
  std::vector<std::uint32_t> places;
  for (const auto& d : body.kinds[0].values) places.push_back(d.value.index);
  CHECK(places == std::vector<std::uint32_t>{8, 7, 9, 4});
  auto first = s.store_of({element(at_the_end)});
  first.kinds[0].kind = array_kind;
  first.resource = {};
  s.rules.place_appended(first);
  CHECK(first.kinds[0].values[0].value.index == 0);
}

TEST_CASE("a writer's value is judged with its sender, its time and its quota; a copy's sender is nobody's concern") {
  scene s;
  store_rules::certificates signers;
  CHECK(error_of(s.rules.judge_all(s.from(*s.alice), s.store_of({s.note(s.now_ms)}), true, signers)) == 0);
  CHECK(signers == s.by_alice());
  auto with_certificate = s.from(*s.self);
  with_certificate.contents.certificates = {s.alice->certificate};
  signers.clear();
  CHECK(error_of(s.rules.judge_all(with_certificate, s.store_of({s.note(s.now_ms)}), true, signers)) == error_code::forbidden);
  CHECK(error_of(s.rules.judge_all(with_certificate, s.store_of({s.note(s.now_ms)}), false, signers)) == 0);
  auto spoilt = s.note(s.now_ms);
  spoilt.signature.value.front() ^= 1;
  CHECK(error_of(s.rules.judge_all(s.from(*s.alice), s.store_of({spoilt}), true, signers)) == error_code::forbidden);
}

TEST_CASE("a value that is held already is taken again of who may write it, and of nobody else") {
  scene s;
  const auto note = s.note(s.now_ms);
  s.take(note);
  store_rules::certificates signers;
  CHECK(error_of(s.rules.judge_all(s.from(*s.alice), s.store_of({note}), true, signers)) == 0);
  auto with_certificate = s.from(*s.self);
  with_certificate.contents.certificates = {s.alice->certificate};
  CHECK(error_of(s.rules.judge_all(with_certificate, s.store_of({note}), true, signers)) == error_code::forbidden);
}

TEST_CASE("a writer whose key is another node's asks that one, whatever the value is; its values are judged with their places") {
  scene s;
  store_rules::certificates signers;
  CHECK(error_of(s.rules.judge_original(s.from(*s.alice), s.store_of({s.note(s.now_ms)}), signers)) == 0);
  CHECK(signers == s.by_alice());
  CHECK(error_of(s.rules.judge_original(s.from(*s.self), s.store_of({s.note(s.now_ms)}), signers)) == error_code::forbidden);
  s.held.responsible = false;
  CHECK(error_of(s.rules.judge_original(s.from(*s.self), s.store_of({s.note(s.now_ms)}), signers)) == error_code::request_timeout);
}

TEST_CASE("a writer may be a minute ahead of this node's clock, a copy as much as a day, and who is farther is told the time") {
  scene s;
  store_rules::certificates signers;
  const auto judged = [&](std::uint64_t ahead, bool original) {
    return s.rules.judge_all(s.from(*s.alice), s.store_of({s.note(s.now_ms + ahead)}), original, signers);
  };
  CHECK(error_of(judged(60'000, true)) == 0);
  const auto refused = judged(60'001, true);
  REQUIRE(error_of(refused) == error_code::forbidden);
  CHECK(overlay::read_error(*refused)->info == "ahead of " + std::to_string(s.now_ms));
  CHECK(error_of(judged(60'001, false)) == 0);
  CHECK(error_of(judged(86'400'001, false)) == error_code::forbidden);
}

TEST_CASE("more than an owner may have is too large, and counted") {
  scene s;
  for (std::uint8_t i = 0; i < 2; ++i) {
    auto other = s.note(s.now_ms);
    other.value.key.push_back(i);
    s.held.held.put({}, resource_kind.id, other, s.alice->certificate, s.world.now());
  }
  store_rules::certificates signers;
  CHECK(error_of(s.rules.judge_all(s.from(*s.alice), s.store_of({s.note(s.now_ms)}), true, signers)) == error_code::data_too_large);
  CHECK(s.metrics.drops().at("quota_exceeded") == 1);
}

TEST_CASE("who stores if nothing is there is refused by a live value, and not by its own, a removed or an expired one") {
  scene s;
  const overlay::request_options if_absent{.view = {}, .quorum = false, .if_absent = true};
  const auto first = s.note(s.now_ms);
  const auto second = s.store_of({s.note(s.now_ms + 1, "y")});
  CHECK(error_of(s.rules.conditions(second, if_absent)) == 0);
  s.take(first);
  CHECK(error_of(s.rules.conditions(second, {})) == 0);
  CHECK(error_of(s.rules.conditions(second, if_absent)) == error_code::data_too_old);
  CHECK(error_of(s.rules.conditions(s.store_of({first}), if_absent)) == 0);  // said again
  s.world.run_for(3600s);
  CHECK(error_of(s.rules.conditions(second, if_absent)) == 0);
  auto removed = s.note(s.now_ms + 2);
  removed.value.exists = false;
  removed.value.value.clear();
  s.take(removed);
  CHECK(error_of(s.rules.conditions(s.store_of({s.note(s.now_ms + 3, "z")}), if_absent)) == 0);
}

TEST_CASE("an older value is refused with the time of what is stored") {
  scene s;
  s.take(s.note(s.now_ms));
  const auto refused = s.rules.conditions(s.store_of({s.note(s.now_ms - 1)}), {});
  REQUIRE(error_of(refused) == error_code::data_too_old);
  CHECK(overlay::read_error(*refused)->info == "stored " + std::to_string(s.now_ms));
  CHECK(overlay::replica_state::of(*refused)->view == 7);
  std::erase_if(s.held.served, [](const overlay::kind& k) { return k.id == resource_kind.id; });
  CHECK(error_of(s.rules.conditions(s.store_of({s.note(s.now_ms)}), {})) == error_code::unknown_kind);
}

TEST_CASE("a writer that expects another generation is told the one that is; a replica's is not asked, nor what changes nothing") {
  scene s;
  const auto first = s.note(s.now_ms);
  s.take(first);
  CHECK(s.generation() == 1);
  auto next = s.store_of({s.note(s.now_ms + 1)}, 1);
  CHECK(error_of(s.rules.conditions(next, {})) == 0);
  next.kinds[0].generation = 2;
  const auto refused = s.rules.conditions(next, {});
  REQUIRE(error_of(refused) == error_code::generation_counter_too_low);
  const auto told = overlay::store_answer::decode(core::as_bytes(overlay::read_error(*refused)->info));
  REQUIRE(told.has_value());
  CHECK(told->kinds.at(0).generation == 1);
  next.replica_number = 1;
  CHECK(error_of(s.rules.conditions(next, {})) == 0);
  CHECK(error_of(s.rules.conditions(s.store_of({first}, 9), {})) == 0);
}

TEST_CASE("a writer's change raises the generation by one, the same again by none, and a copy has its sender's") {
  scene s;
  const auto first = s.note(s.now_ms);
  s.take(first);
  s.take(first);
  CHECK(s.generation() == 1);
  s.take(s.note(s.now_ms + 1));
  CHECK(s.generation() == 2);
  s.rules.take_copy(s.store_of({s.note(s.now_ms + 2)}, 9), s.by_alice());
  CHECK(s.generation() == 9);
  s.rules.take_copy(s.store_of({s.note(s.now_ms + 3)}, 4), s.by_alice());
  CHECK(s.generation() == 9);
  CHECK(s.held.held.size() == 1);
}

TEST_CASE("an answer tells each Kind's generation once, who else has it, and how many hold it") {
  scene s;
  s.take(s.note(s.now_ms));
  auto keys = store_rules::keys_of(s.store_of({s.note(s.now_ms), s.note(s.now_ms)}));
  REQUIRE(keys.size() == 2);
  CHECK(keys[0].entry == s.note(1).value.key);
  const auto m = s.rules.answer_for(s.name.key(), keys, 3);
  CHECK(m.code == overlay::code::store_req + 1);
  const auto a = overlay::store_answer::decode(m.body);
  REQUIRE(a.has_value());
  REQUIRE(a->kinds.size() == 1);
  CHECK(a->kinds[0].kind == resource_kind.id);
  CHECK(a->kinds[0].generation == 1);
  CHECK(a->kinds[0].replicas == s.held.others);
  CHECK(overlay::replica_state::of(m)->holders == 3);
}

}  // namespace store_rules_test
